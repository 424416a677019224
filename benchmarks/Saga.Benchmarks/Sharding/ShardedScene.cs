using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Sharding;

/// <summary>
/// A scene cut into ranges of its Morton order and prompted as <c>docs/scaling.md</c> designs it, in one process: no network, but
/// nothing passes between shards and coordinator except what would travel.
/// </summary>
/// <remarks>
/// (1) Every shard says what it has on the ray; the coordinator blends it. (2) Every shard scores its range against the blended
/// features; the coordinator concatenates the bits and moves them to file order.
/// </remarks>
internal sealed class ShardedScene
{
    /// <summary>Shards begin at multiples of this: whole blocks of scoring and whole runs of the sweep over scales.</summary>
    public const int Granule = SweepSample.RunBlocks * FeatureBlocks.BlockSize;

    // As PromptSegmenter has them.
    private const float MinAlpha = 0.5f;
    private const float SurfaceShare = 0.1f;

    private readonly GaussianScene _scene;
    private readonly int _dimension;

    private ShardedScene(GaussianScene scene, int dimension, SceneShard[] shards)
    {
        _scene = scene;
        _dimension = dimension;
        Shards = shards;
    }

    /// <summary>The shards along the Morton order.</summary>
    public IReadOnlyList<SceneShard> Shards { get; }

    /// <summary>Cuts a scene into ranges of nearly equal size.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="model">Its model.</param>
    /// <param name="shardCount">Number of shards; each gets one granule at least.</param>
    public static ShardedScene Cut(GaussianScene scene, AffinityModel model, int shardCount)
    {
        int granules = (scene.Count + Granule - 1) / Granule;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shardCount, granules);
        int Start(int shard) => (int)Math.Min(scene.Count, (long)granules * shard / shardCount * Granule);
        return new ShardedScene(scene, model.Dimension, [.. Enumerable.Range(0, shardCount)
            .Select(shard => new SceneShard(scene, model, Start(shard), Start(shard + 1) - Start(shard)))]);
    }

    /// <summary>First phase: what a pixel shows.</summary>
    /// <returns>Bit for bit what <see cref="PromptSegmenter.FeatureAt"/> finds.</returns>
    /// <exception cref="PromptRefusedException">Background.</exception>
    public QueryFeature FeatureAt(PinholeCamera camera, PixelPosition pixel) =>
        Blend([.. Shards.Select(shard => shard.OnRay(camera, pixel))], pixel);

    /// <summary>The coordinator's work of the first phase.</summary>
    /// <param name="parts">One of every shard, along the Morton order.</param>
    /// <param name="pixel">The pixel that they were found for.</param>
    public QueryFeature Blend(IReadOnlyList<RayPart> parts, PixelPosition pixel)
    {
        SparsePixelRows row = RayIndex.Blend([.. parts.SelectMany(part => part.Gaussians)], pixel);
        if (row.Alphas[0] < MinAlpha)
        {
            throw new PromptRefusedException(PromptRefusedException.PointOnBackground, "The point is on background.");
        }

        var featureOf = new Dictionary<int, ReadOnlyMemory<float>>();
        foreach (RayPart part in parts)
        {
            for (int k = 0; k < part.Gaussians.Length; k++)
            {
                featureOf.Add(part.Gaussians[k].Index, part.Features.AsMemory(k * _dimension, _dimension));
            }
        }

        // Added up front to back, as one node does: sums of floats depend on their order.
        float[] sum = new float[_dimension];
        for (int k = 0; k < row.GaussianIndices.Length; k++)
        {
            ReadOnlySpan<float> feature = featureOf[row.GaussianIndices[k]].Span;
            for (int c = 0; c < sum.Length; c++)
            {
                sum[c] += row.Weights[k] * feature[c];
            }
        }

        float greatest = row.Weights.Max();
        int[] surface = [.. row.GaussianIndices.Where((_, k) => row.Weights[k] >= SurfaceShare * greatest)];
        return new QueryFeature(sum, row.Alphas[0], row.Depths[0], surface);
    }

    /// <summary>Answers a prompt, without <c>Connected</c> and <c>Within</c>.</summary>
    /// <returns>The mask over the file's records.</returns>
    public byte[] Segment(PointPrompt prompt)
    {
        (PromptPoint Point, QueryFeature Feature)[] points = [.. prompt.Points.Select(p => (p, FeatureAt(prompt.Camera, p.Position)))];
        ushort[] selected = SelectAlongCurve(
            [.. points.Where(p => p.Point.Positive).Select(p => p.Feature)],
            [.. points.Where(p => !p.Point.Positive).Select(p => p.Feature)],
            prompt.Quantile, prompt.Threshold);
        byte[] bits = new byte[(_scene.FileGaussianCount + 7) / 8];
        FileOrderScatter.Move(selected, 0, _scene.FileIndices, bits);
        return bits;
    }

    /// <summary>Second phase: the shards' masks, one after the other.</summary>
    /// <returns>One bit a Gaussian along the Morton order of the whole scene, 16 to an element.</returns>
    public ushort[] SelectAlongCurve(
        IReadOnlyList<QueryFeature> positives, IReadOnlyList<QueryFeature> negatives, double quantile, float threshold) =>
        [.. Shards.SelectMany(shard => shard.Select(positives, negatives, quantile, threshold, Environment.ProcessorCount))];
}
