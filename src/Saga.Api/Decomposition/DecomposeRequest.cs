using Saga.Api.Hosting;
using Saga.Engine.Clustering;

namespace Saga.Api.Decomposition;

/// <summary>How to take a scene apart. What is wrong with its numbers the engine says.</summary>
/// <param name="Scale">Granularity as a quantile in [0, 1], 0 the finest; default 0.5.</param>
/// <param name="SampleFraction">
/// Share of the Gaussians that is clustered, above 0, up to 1 or 20,000 Gaussians; default 2 %, at least 2,000 Gaussians.
/// </param>
/// <param name="MinClusterSize">Fewer samples are no cluster, 2 to 20,000; default 10.</param>
/// <param name="Seed">Draws the sample; default 0.</param>
/// <param name="Within">Id of a selection to take apart instead of the scene.</param>
internal sealed record DecomposeRequest(double? Scale, double? SampleFraction, int? MinClusterSize, long? Seed, Guid? Within)
{
    public DecompositionOptions ToOptions() => DecompositionDefaults.With(Scale, SampleFraction, MinClusterSize, Seed);
}

/// <summary>How to take a scene apart at several scales.</summary>
/// <param name="Scales">2 to 8 different quantiles; default 0, 0.25, 0.5, 0.75 and 1.</param>
/// <param name="SampleFraction">As for one scale.</param>
/// <param name="MinClusterSize">As for one scale.</param>
/// <param name="Seed">As for one scale.</param>
/// <param name="Within">As for one scale.</param>
internal sealed record ClusterTreeRequest(
    IReadOnlyList<double>? Scales, double? SampleFraction, int? MinClusterSize, long? Seed, Guid? Within)
{
    private const int MinScales = 2;
    private const int MaxScales = 8;
    private static readonly double[] DefaultScales = [0, 0.25, 0.5, 0.75, 1];

    /// <summary>From the finest scale to the coarsest.</summary>
    /// <exception cref="RefusedException">422 <c>invalid-options</c>.</exception>
    public IReadOnlyList<DecompositionOptions> ToOptions()
    {
        double[] scales = [.. (Scales ?? DefaultScales).Distinct().Order()];
        return scales.Length is >= MinScales and <= MaxScales && scales.Length == (Scales ?? DefaultScales).Count
            ? [.. scales.Select(scale => DecompositionDefaults.With(scale, SampleFraction, MinClusterSize, Seed))]
            : throw RefusedException.Unprocessable(
                ProblemCodes.InvalidOptions,
                $"scales has {Scales?.Count} values; "
                + $"a tree has {MinScales} to {MaxScales} different ones from 0 (finest) to 1 (coarsest).");
    }
}

/// <summary>What the engine takes for what a request leaves out.</summary>
internal static class DecompositionDefaults
{
    private static readonly DecompositionOptions Usual = new();

    public static DecompositionOptions With(double? scale, double? sampleFraction, int? minClusterSize, long? seed) => new()
    {
        Scale = scale ?? Usual.Scale,
        SampleFraction = sampleFraction,
        MinClusterSize = minClusterSize ?? Usual.MinClusterSize,
        Seed = seed ?? Usual.Seed,
    };
}
