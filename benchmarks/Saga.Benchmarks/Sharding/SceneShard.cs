using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Sharding;

/// <summary>A range of a scene's Morton order with its features: what one node would hold of a scene that is larger than it.</summary>
internal sealed class SceneShard
{
    private readonly RayIndex _rays;
    private readonly FeatureBlocks _features;
    private readonly ScaleGate _gate;

    /// <param name="scene">The whole scene.</param>
    /// <param name="model">Its model.</param>
    /// <param name="first">Engine index of the first Gaussian.</param>
    /// <param name="count">Number of Gaussians, at least 1.</param>
    public SceneShard(GaussianScene scene, AffinityModel model, int first, int count)
    {
        First = first;
        Count = count;
        _rays = RayIndex.Build(RangeOf(scene, first, count));
        _features = FeatureBlocks.From(RangeOf(model, first, count));
        _gate = model.Gate;
    }

    /// <summary>Engine index of the first Gaussian.</summary>
    public int First { get; }

    /// <summary>Number of Gaussians.</summary>
    public int Count { get; }

    /// <summary>First phase: what this shard has on the ray of a pixel.</summary>
    public RayPart OnRay(PinholeCamera camera, PixelPosition pixel)
    {
        ProjectedGaussian[] gaussians = _rays.PartOfRow(camera, pixel);
        float[] features = new float[gaussians.Length * _features.Dimension];
        for (int k = 0; k < gaussians.Length; k++)
        {
            _features.AddTo(gaussians[k].Index, 1, features.AsSpan(k * _features.Dimension, _features.Dimension));
            gaussians[k].Index += First;
        }

        return new RayPart(gaussians, features);
    }

    /// <summary>Second phase: scores this shard's Gaussians.</summary>
    /// <param name="positives">The points' blended features, the same for every shard.</param>
    /// <param name="negatives">Those of the points that do not belong.</param>
    /// <param name="quantile">Scale in [0, 1].</param>
    /// <param name="threshold">Smallest cosine that counts.</param>
    /// <param name="threads">Most threads.</param>
    /// <returns>One bit a Gaussian along the Morton order, 16 to an element; padding bits are 0.</returns>
    public ushort[] Select(
        IReadOnlyList<QueryFeature> positives, IReadOnlyList<QueryFeature> negatives, double quantile, float threshold, int threads)
    {
        var scorer = new BlockScorer(_features, GatedQueries.At(_gate, quantile, positives, negatives), threshold);
        ushort[] selected = new ushort[scorer.BlockCount];
        SelectionPass.Run(scorer, threads, selected, CancellationToken.None);
        return selected;
    }

    // A shard's own file order is the Morton order: the place in the uploaded file is the coordinator's business.
    private static GaussianScene RangeOf(GaussianScene scene, int first, int count) => new()
    {
        Means = scene.Means[(3 * first)..(3 * (first + count))],
        LogScales = scene.LogScales[(3 * first)..(3 * (first + count))],
        Rotations = scene.Rotations[(4 * first)..(4 * (first + count))],
        OpacityLogits = scene.OpacityLogits[first..(first + count)],
        ShCoefficients = [],
        ShDegree = 0,
        FileIndices = [.. Enumerable.Range(0, count)],
        FileGaussianCount = count,
        Problems = [],
    };

    private static AffinityModel RangeOf(AffinityModel model, int first, int count) => new()
    {
        Dimension = model.Dimension,
        Features = model.Features[(model.Dimension * first)..(model.Dimension * (first + count))],
        Gate = model.Gate,
        Quantiles = model.Quantiles,
        Info = model.Info,
    };
}
