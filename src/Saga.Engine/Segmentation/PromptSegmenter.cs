using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Neighbors;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation.OpenCl;

namespace Saga.Engine.Segmentation;

/// <summary>Answers prompts over one scene and one trained model (§7), in milliseconds and without rendering.</summary>
/// <remarks>
/// A point's feature comes from the few Gaussians on its ray; then all Gaussians are scored against it. The same prompt gives
/// the same bits, whatever the machine's vectors and threads. Safe to share between threads; holds the features in its own
/// layout, rounded to 16 bits (<see cref="FeatureRounding"/>), so the model's array may be dropped.
/// </remarks>
public sealed partial class PromptSegmenter
{
    /// <summary>Most points of one prompt.</summary>
    public const int MaxPoints = 256;

    // Σ w below which a point shows more background than scene.
    private const float MinAlpha = 0.5f;

    // A Gaussian belongs to the visible surface from this share of the greatest weight on the ray.
    private const float SurfaceShare = 0.1f;

    private readonly GaussianScene _scene;
    private readonly ScaleGate _gate;
    private readonly FeatureBlocks _features;
    private readonly RayIndex _rays;
    private readonly RecentPoints _seen = new();
    private DeviceShare<DevicePrompts>? _device;

    /// <summary>Prepares a scene for prompts.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="model">A model of this scene, in the scene's order.</param>
    /// <exception cref="ArgumentException">The model belongs to another scene.</exception>
    public PromptSegmenter(GaussianScene scene, AffinityModel model)
        : this(scene, FeatureBlocks.From(Checked(scene, model)), model.Gate, model.Quantiles, RayIndex.Build(scene))
    {
    }

    private PromptSegmenter(GaussianScene scene, FeatureBlocks features, ScaleGate gate, ScaleQuantiles quantiles, RayIndex rays)
    {
        _scene = scene;
        _features = features;
        _gate = gate;
        _rays = rays;
        Quantiles = quantiles;
        Neighbors = new NeighborGraph(scene);
    }

    /// <summary>Prepares a scene for prompts from a model file, whose features never are in memory as float32.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="modelPath">The model file.</param>
    /// <param name="sceneSha256">SHA-256 of the scene's Gaussian file, lower-case hex; empty when not known.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidModelException">Damaged, of another version, or of another scene.</exception>
    public static PromptSegmenter Load(GaussianScene scene, string modelPath, string sceneSha256, CancellationToken cancellationToken)
    {
        // Reading keeps one core busy with checksums.
        Task<RayIndex> rays = Task.Run(() => RayIndex.Build(scene), cancellationToken);
        FeatureBlocks? features = null;
        AffinityModel model = AffinityModelFile.ReadInto(
            modelPath,
            scene,
            sceneSha256,
            dimension => (features = new FeatureBlocks(scene.Count, dimension)).Set,
            cancellationToken);
        return new PromptSegmenter(scene, features!, model.Gate, model.Quantiles, rays.GetAwaiter().GetResult());
    }

    /// <summary>Most threads one prompt uses; the result does not depend on it.</summary>
    public int MaxThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Scale in world units ↔ the quantile that prompts take.</summary>
    public ScaleQuantiles Quantiles { get; }

    /// <summary>The graph of <c>connected</c> selections, which editing selections shares.</summary>
    public NeighborGraph Neighbors { get; }

    /// <summary>Records in the uploaded file: the length of every selection.</summary>
    public int FileGaussianCount => _scene.FileGaussianCount;

    /// <summary>
    /// Bytes that this takes, the scene's arrays included: at 32 channels some 119 a Gaussian, and 64 more from the first
    /// <c>connected</c> prompt on.
    /// </summary>
    public long ByteCount => _scene.ByteCount + _features.ByteCount + _rays.ByteCount + Neighbors.ByteCount;

    /// <summary>Whether prompts are answered on a compute device now.</summary>
    public bool IsOnDevice => _device is { IsResident: true };

    /// <summary>
    /// Answers prompts on a compute device from now on, while it has room and is not lost; else on the CPU as before, with the same
    /// bits. Call it before the first prompt, at most once.
    /// </summary>
    /// <param name="device">The device; it outlives this.</param>
    /// <param name="failed">Told when the CPU had to take over, on the thread of a prompt.</param>
    public void UseDevice(ComputeDevice device, Action<ComputeException>? failed)
    {
        _device = new DeviceShare<DevicePrompts>(
            device, DevicePrompts.BytesOf(_features), () => new DevicePrompts(device, _scene, _features), failed);
        _device.Prepare();
    }

    /// <summary>Gives the device's memory back. Prompts are answered on the CPU afterwards.</summary>
    public void LeaveDevice() => _device?.Release();

    /// <summary>Finds what a point of an image shows.</summary>
    /// <param name="camera">The camera.</param>
    /// <param name="position">A position in its image.</param>
    /// <exception cref="PromptRefusedException">The point is outside the image or on background.</exception>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    public QueryFeature FeatureAt(PinholeCamera camera, PixelPosition position)
    {
        // Comparisons with NaN are false, so NaN is outside.
        if (!(position.X >= 0 && position.X <= camera.Width && position.Y >= 0 && position.Y <= camera.Height))
        {
            throw new PromptRefusedException(PromptRefusedException.PointOutsideView, string.Create(
                CultureInfo.InvariantCulture,
                $"The point ({position.X}, {position.Y}) is outside the view; "
                + $"x is 0 to {camera.Width} and y 0 to {camera.Height} pixels."));
        }

        if (_seen.Find(camera, position) is { } seen)
        {
            return seen;
        }

        (SparsePixelRows row, float[]? blended) = RowOf(camera, position);
        if (row.Alphas[0] < MinAlpha)
        {
            throw new PromptRefusedException(PromptRefusedException.PointOnBackground, string.Create(
                CultureInfo.InvariantCulture,
                $"The point ({position.X}, {position.Y}) is on background: the scene covers it to {row.Alphas[0]:0.00}, "
                + $"at least {MinAlpha:0.0} is needed. Place it on an object."));
        }

        ReadOnlySpan<int> indices = row.GaussianIndices.AsSpan(0, row.RowStarts[1]);
        ReadOnlySpan<float> weights = row.Weights.AsSpan(0, row.RowStarts[1]);
        float[] feature = blended ?? new float[_features.Dimension];
        float greatest = 0;
        for (int k = 0; k < indices.Length; k++)
        {
            if (blended is null)
            {
                _features.AddTo(indices[k], weights[k], feature);
            }

            greatest = MathF.Max(greatest, weights[k]);
        }

        var surface = new List<int>();
        for (int k = 0; k < indices.Length; k++)
        {
            if (weights[k] >= SurfaceShare * greatest)
            {
                surface.Add(indices[k]);
            }
        }

        var found = new QueryFeature(feature, row.Alphas[0], row.Depths[0], [.. surface]);
        _seen.Add(camera, position, found);
        return found;
    }

    /// <summary>Answers a prompt.</summary>
    /// <param name="prompt">Points, scale and threshold.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with the prompt.</exception>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    public PromptResult Segment(PointPrompt prompt, CancellationToken cancellationToken) =>
        Segment(prompt, MaxThreads, cancellationToken);

    /// <summary>Answers a prompt while others need the machine's cores too.</summary>
    /// <param name="prompt">Points, scale and threshold.</param>
    /// <param name="maxThreads">Most threads for this prompt, 1 or more; never more than <see cref="MaxThreads"/>.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with the prompt.</exception>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    public PromptResult Segment(PointPrompt prompt, int maxThreads, CancellationToken cancellationToken)
    {
        int positiveCount = prompt.Points.Count(p => p.Positive);
        Check(positiveCount, prompt.Points.Count, prompt.Quantile, prompt.Threshold, prompt.Within);

        long started = Stopwatch.GetTimestamp();
        QueryFeature[] points = FeaturesOf(prompt, cancellationToken);
        TimeSpan featureTime = Stopwatch.GetElapsedTime(started);
        PromptResult result = Segment(
            PointsThatAre(true, prompt, points), PointsThatAre(false, prompt, points),
            prompt.Quantile, prompt.Threshold, prompt.Connected, prompt.Within, Math.Clamp(maxThreads, 1, MaxThreads), cancellationToken);
        return result with { Points = points, FeatureTime = featureTime };
    }

    /// <summary>Answers a prompt whose points were looked up before: moving the scale costs only the scoring.</summary>
    /// <param name="positives">Points that belong to the object, at least one.</param>
    /// <param name="negatives">Points that do not.</param>
    /// <param name="quantile">Scale in [0, 1].</param>
    /// <param name="threshold">Smallest cosine that counts as selected, in [-1, 1].</param>
    /// <param name="connected">Keep only what is connected to a positive point's surface.</param>
    /// <param name="within">Select only inside this selection; null for everywhere.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with the prompt.</exception>
    public PromptResult Segment(
        IReadOnlyList<QueryFeature> positives,
        IReadOnlyList<QueryFeature> negatives,
        double quantile,
        float threshold = PointPrompt.DefaultThreshold,
        bool connected = false,
        GaussianSelection? within = null,
        CancellationToken cancellationToken = default) =>
        Segment(positives, negatives, quantile, threshold, connected, within, MaxThreads, cancellationToken);

    private PromptResult Segment(
        IReadOnlyList<QueryFeature> positives,
        IReadOnlyList<QueryFeature> negatives,
        double quantile,
        float threshold,
        bool connected,
        GaussianSelection? within,
        int maxThreads,
        CancellationToken cancellationToken)
    {
        Check(positives.Count, positives.Count + negatives.Count, quantile, threshold, within);
        long started = Stopwatch.GetTimestamp();
        GatedQueries queries = GatedQueries.At(_gate, quantile, positives, negatives);
        var scorer = new BlockScorer(_features, queries, threshold);
        byte[] bits = GaussianSelection.BorrowBits(FileGaussianCount);
        if (connected)
        {
            SelectConnected(scorer, positives, maxThreads, bits, cancellationToken);
        }
        else if (!SelectOnDevice(scorer, inFileOrder: true, bits.AsSpan(0, (FileGaussianCount + 7) / 8)))
        {
            SelectionPass.RunInFileOrder([scorer], _scene.FileIndices, maxThreads, [bits], cancellationToken);
        }

        return new PromptResult(
            Within(bits, within), [.. positives, .. negatives], TimeSpan.Zero, Stopwatch.GetElapsedTime(started));
    }

    private QueryFeature[] FeaturesOf(PointPrompt prompt, CancellationToken cancellationToken)
    {
        var points = new QueryFeature[prompt.Points.Count];
        for (int p = 0; p < points.Length; p++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            points[p] = FeatureAt(prompt.Camera, prompt.Points[p].Position);
        }

        return points;
    }

    // On the device where there is one: the row, and what it shows.
    private (SparsePixelRows Row, float[]? Feature) RowOf(PinholeCamera camera, PixelPosition position)
    {
        (SparsePixelRows Row, float[]? Feature)? found = null;
        return _device?.TryUse(device => found = device.FeatureAt(camera, position)) == true && found is { } row
            ? row
            : (_rays.PixelRows(camera, [position]), null);
    }

    private unsafe bool SelectOnDevice(BlockScorer scorer, bool inFileOrder, Span<byte> bits)
    {
        if (_device is null)
        {
            return false;
        }

        fixed (byte* first = bits)
        {
            byte* mask = first;
            int length = bits.Length;
            if (_device.TryUse(device => device.Select(scorer, inFileOrder, new Span<byte>(mask, length))))
            {
                return true;
            }
        }

        // It may have failed half way.
        bits.Clear();
        return false;
    }

    private void SelectConnected(
        BlockScorer scorer, IReadOnlyList<QueryFeature> positives, int maxThreads, byte[] bits, CancellationToken cancellationToken)
    {
        int blocks = scorer.BlockCount;
        ushort[] selected = ArrayPool<ushort>.Shared.Rent(Math.Max(1, blocks));
        try
        {
            if (!SelectOnDevice(scorer, inFileOrder: false, MemoryMarshal.AsBytes(selected.AsSpan(0, blocks))))
            {
                SelectionPass.Run(scorer, maxThreads, selected, cancellationToken);
            }

            ConnectedSurfaces.Keep(
                selected.AsSpan(0, blocks), Neighbors.Rows(MaxThreads, cancellationToken), NeighborGraph.RowLength,
                positives.SelectMany(p => p.SurfaceGaussians));
            FileOrderScatter.Move(selected.AsSpan(0, blocks), 0, _scene.FileIndices, bits);
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(selected);
        }
    }

    private GaussianSelection Within(byte[] borrowed, GaussianSelection? within)
    {
        if (within is not null)
        {
            ReadOnlySpan<byte> with = within.Bits.Span;
            for (int b = 0; b < with.Length; b++)
            {
                borrowed[b] &= with[b];
            }
        }

        return GaussianSelection.OfBorrowed(borrowed, FileGaussianCount);
    }
}
