namespace Saga.Engine.Clustering;

/// <summary>How a scene is taken apart.</summary>
public sealed record DecompositionOptions
{
    /// <summary>Most Gaussians that are clustered; the time of that grows with their square.</summary>
    public const int MaxSamples = 20_000;

    /// <summary>Clusters whose features part at this distance of unit vectors or nearer are one.</summary>
    public const double SelectionEpsilon = 0.01;

    /// <summary>A Gaussian whose cosine with every centre is below this belongs to no cluster.</summary>
    public const float MinCosine = 0.5f;

    // Denser samples do not separate objects better: with the same smallest cluster they find ever smaller parts of them.
    private const double DefaultFraction = 0.02;

    // Small scenes are sampled more densely, or their parts would be smaller than the smallest cluster.
    private const int FewSamples = 2_000;

    /// <summary>Granularity as a quantile, 0 the finest, 1 the coarsest.</summary>
    public double Scale { get; init; } = 0.5;

    /// <summary>
    /// Share of the Gaussians that is clustered, in (0, 1], up to <see cref="MaxSamples"/>. Null: 2 %, or more of a small scene.
    /// </summary>
    public double? SampleFraction { get; init; }

    /// <summary>Fewer samples than this are no cluster, 2 to <see cref="MaxSamples"/>.</summary>
    public int MinClusterSize { get; init; } = 10;

    /// <summary>Draws the sample; the same seed gives the same clusters.</summary>
    public long Seed { get; init; }

    /// <summary>How many of so many are clustered.</summary>
    internal int SampleCount(int gaussianCount)
    {
        double wanted = SampleFraction is { } fraction
            ? Math.Max(1, Math.Round(fraction * gaussianCount))
            : Math.Max(DefaultFraction * gaussianCount, FewSamples);
        return (int)Math.Min(Math.Min(wanted, MaxSamples), gaussianCount);
    }
}
