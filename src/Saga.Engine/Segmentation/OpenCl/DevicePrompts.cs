using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Compute.OpenCl;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.OpenCl;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation.OpenCl;

/// <summary>What a scene's prompts need, on a device: both planes of the features, and the geometry for a pixel's row.</summary>
/// <remarks>
/// Answers equal the CPU's bit for bit. Of a prompt the gate and the queries go to the device (some hundred bytes), and the mask
/// comes back; of a point that was not looked up before, its row and feature, a few KB. At 32 channels 122 bytes a Gaussian.
/// </remarks>
internal sealed class DevicePrompts : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly FeatureBlocks _features;
    private readonly DeviceTiles _tiles;
    private readonly List<OpenClBuffer> _owned = [];
    private readonly OpenClBuffer _high;
    private readonly OpenClBuffer _low;
    private readonly OpenClBuffer _steps;
    private readonly OpenClBuffer _smallestSteps;
    private readonly OpenClBuffer _offChannels;
    private readonly OpenClBuffer _fileIndices;

    /// <exception cref="ComputeMemoryException">The scene does not fit.</exception>
    public DevicePrompts(ComputeDevice device, GaussianScene scene, FeatureBlocks features)
    {
        _device = device;
        _features = features;
        _tiles = new DeviceTiles(scene, device);
        try
        {
            _high = Own(features.High);
            _low = Own(features.Low);
            _steps = Own<ushort>(features.Steps);
            _smallestSteps = Own<float>(features.SmallestSteps);
            _offChannels = Own<byte>(features.OffChannels);
            _fileIndices = Own<int>(scene.FileIndices);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes that a scene takes on a device.</summary>
    public static long BytesOf(FeatureBlocks features) =>
        features.ByteCount + features.Count * (DeviceTiles.BytesPerGaussian + sizeof(int));

    /// <summary>Bytes on the device.</summary>
    public long ByteCount => _tiles.ByteCount + _owned.Sum(buffer => buffer.Bytes);

    /// <summary>The row of one position and the feature that it shows.</summary>
    /// <param name="camera">The camera.</param>
    /// <param name="position">A position inside its image.</param>
    public (SparsePixelRows Row, float[] Feature) FeatureAt(PinholeCamera camera, PixelPosition position)
    {
        camera.Validate();
        using OpenClSession session = _device.Context.Rent();
        DeviceRows rows = _tiles.Rows(session, camera, [position]);
        float[] feature = new float[_features.Dimension];
        OpenClBuffer blended = session.Keep("feature", sizeof(float) * (long)feature.Length);
        session.Run(
            "blend_feature", feature.Length, DeviceTiles.Group,
            _high, _low, _steps, feature.Length, _features.PairCount, rows.Indices, rows.Weights, (int)rows.EntryCount, blended);
        session.Read(blended, feature.AsSpan());
        return (rows.Download(session), feature);
    }

    /// <summary>Scores all Gaussians.</summary>
    /// <param name="scorer">The prompt.</param>
    /// <param name="inFileOrder">Whether bits are records of the file or Gaussians in engine order.</param>
    /// <param name="mask">Receives the bits; those past the last are 0.</param>
    public void Select(BlockScorer scorer, bool inFileOrder, Span<byte> mask)
    {
        (GatedQueries queries, FilterBounds? bounds) = (scorer.Queries, scorer.Bounds);
        using OpenClSession session = _device.Context.Rent();
        int words = (mask.Length + sizeof(uint) - 1) / sizeof(uint);
        OpenClBuffer bits = session.Keep("mask", sizeof(uint) * (long)words);
        session.Fill(bits, 0, sizeof(uint) * (long)words);
        session.Run(
            "select_gaussians", _features.Count, DeviceTiles.Group,
            _high, _low, _steps, _smallestSteps, _offChannels, inFileOrder ? _fileIndices : null,
            _features.Count, _features.Dimension, _features.PairCount, queries.PositiveCount, queries.NegativeCount,
            session.Keep<float>("gate", queries.Gate),
            session.Keep<float>("queries", queries.Values),
            bounds is null ? null : session.Keep<int>("dot weights", bounds.DotWeights),
            bounds is null ? null : session.Keep<int>("square weights", bounds.SquareWeights),
            bounds is null ? null : session.Keep<FilterLimits>("limits", scorer.Limits),
            bounds?.DotUnit ?? 0, bounds?.RelativeError ?? 0, bounds?.SmallestNorm ?? 0, scorer.Threshold, bounds is null ? 0 : 1, bits);
        session.Read(bits, mask);
    }

    public void Dispose()
    {
        _tiles.Dispose();
        foreach (OpenClBuffer buffer in _owned)
        {
            buffer.Dispose();
        }
    }

    private OpenClBuffer Own<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        OpenClBuffer buffer = _device.Context.Upload(values);
        _owned.Add(buffer);
        return buffer;
    }
}
