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

    /// <summary>Share of the Gaussians that is clustered unless another is given.</summary>
    private const double DefaultFraction = 0.02;

    /// <summary>Small scenes are sampled more densely, down to so many: a part of a few hundred Gaussians is still seen.</summary>
    private const int UsualSamples = 10_000;

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
            : Math.Max(DefaultFraction * gaussianCount, UsualSamples);
        return (int)Math.Min(Math.Min(wanted, MaxSamples), gaussianCount);
    }
}
