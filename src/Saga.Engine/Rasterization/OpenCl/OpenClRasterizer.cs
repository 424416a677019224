using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Compute.OpenCl;
using Saga.Engine.Scenes;

namespace Saga.Engine.Rasterization.OpenCl;

/// <summary>The rasteriser on a compute device. Weights and rows are <see cref="CpuRasterizer"/>'s bit for bit.</summary>
/// <remarks>
/// Project (one item per Gaussian, which counts itself in its tiles), sum, fill, sort the tiles' lists by depth, then blend
/// (one group per tile) or walk the list of each position. Device memory: 52 bytes a Gaussian that stay (and its colours from the
/// first colour picture on), 40 a Gaussian and 8 an entry of a list while it draws.
/// </remarks>
public sealed class OpenClRasterizer : IRasterizer, IDisposable
{
    /// <summary>Entries of lists held at once, unless a single tile needs more: 256 MiB.</summary>
    internal const long DefaultMaxEntries = 1 << 25;

    private const int TilePixels = TileGrid.Side * TileGrid.Side;
    private const int ChannelsPerPass = 8;

    private readonly GaussianScene _scene;
    private readonly OpenClContext _context;
    private readonly long _maxEntries;
    private readonly Lock _colorLock = new();
    private OpenClBuffer? _coefficients;

    /// <summary>Brings a scene to the device.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="ComputeMemoryException">It does not fit.</exception>
    public OpenClRasterizer(GaussianScene scene, ComputeDevice device)
        : this(scene, device, DefaultMaxEntries)
    {
    }

    internal OpenClRasterizer(GaussianScene scene, ComputeDevice device, long maxEntries)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(device);
        _scene = scene;
        _context = device.Context;
        _maxEntries = maxEntries;
        Tiles = new DeviceTiles(scene, device);
    }

    /// <inheritdoc/>
    public long ByteCount => Tiles.ByteCount + (_coefficients?.Bytes ?? 0);

    internal DeviceTiles Tiles { get; }

    /// <inheritdoc/>
    /// <exception cref="ComputeException">The device failed.</exception>
    public RenderedImage Render(PinholeCamera camera, RenderOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(camera);
        camera.Validate();
        RasterizerChecks.Options(options, _scene);
        RenderedImage image = RasterizerChecks.Allocate(camera, options);
        cancellationToken.ThrowIfCancellationRequested();
        using OpenClSession session = _context.Rent();
        TileGrid grid = TileGrid.Of(camera);
        TileLists lists = Tiles.Bin(session, camera, TileRectangle.All(grid), null);
        var output = new Output(session, image);
        OpenClBuffer? colors = options.Color ? EvaluateColors(session, camera, lists) : null;
        OpenClBuffer? features = options.FeatureChannels > 0 ? session.Keep<float>("features", options.Features.Span) : null;
        foreach ((int first, int end) in lists.Ranges(session, _maxEntries))
        {
            cancellationToken.ThrowIfCancellationRequested();
            OpenClBuffer entries = lists.Fill(session, first, end);
            for (int channel = 0; channel == 0 || channel < options.FeatureChannels; channel += ChannelsPerPass)
            {
                session.Run(
                    "blend_tiles", (long)(end - first) * TilePixels, TilePixels,
                    lists.Starts, first, entries, lists.Projected, channel == 0 ? colors : null, features, options.FeatureChannels, channel,
                    grid.Columns, image.Width, image.Height, options.Background.R, options.Background.G, options.Background.B,
                    channel == 0 ? output.Color : null, channel == 0 ? output.Depth : null, channel == 0 ? output.Alpha : null, output.Features);
            }
        }

        output.ReadInto(session, image);
        return image;
    }

    /// <inheritdoc/>
    /// <exception cref="ComputeException">The device failed.</exception>
    public SparsePixelRows PixelRows(PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(camera);
        camera.Validate();
        RasterizerChecks.Inside(camera, pixels);
        cancellationToken.ThrowIfCancellationRequested();
        using OpenClSession session = _context.Rent();
        return Tiles.Rows(session, camera, pixels).Download(session);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tiles.Dispose();
        _coefficients?.Dispose();
    }

    private OpenClBuffer EvaluateColors(OpenClSession session, PinholeCamera camera, TileLists lists)
    {
        lock (_colorLock)
        {
            _coefficients ??= _context.Upload<float>(_scene.ShCoefficients);
        }

        OpenClBuffer colors = session.Keep("colors", 16L * _scene.Count);
        (double x, double y, double z) = camera.Pose.Center;
        session.Run(
            "evaluate_colors", _scene.Count, DeviceTiles.Group,
            _scene.Count, _scene.ShDegree, x, y, z, Tiles.Planes, Tiles.PaddedCount, _coefficients, lists.Boxes, colors);
        return colors;
    }

    /// <summary>The pictures on the device; none where none is wanted.</summary>
    private readonly struct Output(OpenClSession session, RenderedImage image)
    {
        public readonly OpenClBuffer? Color = Room(session, "color picture", image.Color);
        public readonly OpenClBuffer? Depth = Room(session, "depth picture", image.Depth);
        public readonly OpenClBuffer? Alpha = Room(session, "alpha picture", image.Alpha);
        public readonly OpenClBuffer? Features = Room(session, "feature picture", image.Features);

        public void ReadInto(OpenClSession session, RenderedImage image)
        {
            Read(session, Color, image.Color);
            Read(session, Depth, image.Depth);
            Read(session, Alpha, image.Alpha);
            Read(session, Features, image.Features);
        }

        private static OpenClBuffer? Room(OpenClSession session, string name, float[] picture) =>
            picture.Length > 0 ? session.Keep(name, sizeof(float) * (long)picture.Length) : null;

        private static void Read(OpenClSession session, OpenClBuffer? buffer, float[] picture)
        {
            if (buffer is not null)
            {
                session.Read(buffer, picture.AsSpan());
            }
        }
    }
}
