using System.Globalization;
using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Compute.OpenCl;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Engine.Rasterization.OpenCl;

/// <summary>A scene's geometry on a device, from which lists of tiles and rows of pixels are made.</summary>
internal sealed class DeviceTiles : IDisposable
{
    /// <summary>Work items of a group where groups share nothing.</summary>
    public const int Group = 128;

    /// <summary>Bytes that stay on the device.</summary>
    public const long BytesPerGaussian = 13 * sizeof(float);

    private const int ScanGroup = 256;
    private const int RowGroup = 64;

    // A group sorts this many in some tenths of a second; drivers end what takes seconds.
    private const ulong LongestList = 1 << 17;

    private readonly int _count;

    public DeviceTiles(GaussianScene scene, ComputeDevice device)
    {
        var geometry = new GaussianGeometry(scene);
        (_count, PaddedCount) = (scene.Count, geometry.PaddedCount);
        Planes = device.Context.Upload(geometry.Planes);
    }

    /// <summary>Bytes on the device.</summary>
    public long ByteCount => Planes.Bytes;

    /// <summary>The planes of <see cref="GaussianGeometry"/>.</summary>
    public OpenClBuffer Planes { get; }

    /// <summary>Length of a plane.</summary>
    public int PaddedCount { get; }

    public void Dispose() => Planes.Dispose();

    /// <summary>Projects the scene and counts what each tile sees.</summary>
    /// <param name="session">The session; the lists are valid until its next view.</param>
    /// <param name="camera">The camera.</param>
    /// <param name="region">Tiles outside it are not looked at.</param>
    /// <param name="wanted">Not 0 for the tiles whose lists will be read, [tiles]; null for all.</param>
    public TileLists Bin(OpenClSession session, PinholeCamera camera, TileRectangle region, byte[]? wanted)
    {
        TileGrid grid = TileGrid.Of(camera);
        CameraNumbers numbers = new(camera, region);
        OpenClBuffer cameraBuffer = session.Keep("camera", new ReadOnlySpan<CameraNumbers>(in numbers));
        OpenClBuffer? wantedBuffer = wanted is null ? null : session.Keep<byte>("wanted tiles", wanted);
        OpenClBuffer projected = session.Keep("projected", 32L * _count);
        OpenClBuffer boxes = session.Keep("boxes", 8L * _count);
        OpenClBuffer counts = session.Keep("tile counts", 4L * grid.Count);
        session.Fill(counts, 0, 4L * grid.Count);
        session.Run(
            "project_gaussians", _count, Group, Planes, PaddedCount, _count, cameraBuffer, wantedBuffer, projected, boxes, counts);
        OpenClBuffer starts = Scan(session, counts, grid.Count, "tile starts");
        Span<ulong> sums = stackalloc ulong[2];
        session.Read(starts, sums, 8L * grid.Count);
        if (sums[1] > LongestList)
        {
            throw new ComputeException(string.Create(
                CultureInfo.InvariantCulture,
                $"One tile of the view sees {sums[1]} Gaussians; to sort more than {LongestList} would keep the device busy for too long."));
        }

        return new TileLists(_count, grid, wantedBuffer, projected, boxes, counts, starts, (long)sums[0]);
    }

    /// <summary>The rows of positions, which stay on the device.</summary>
    /// <param name="session">The session; the rows are valid until its next view.</param>
    /// <param name="camera">The camera.</param>
    /// <param name="pixels">Positions inside the image.</param>
    public DeviceRows Rows(OpenClSession session, PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels)
    {
        if (pixels.IsEmpty)
        {
            return DeviceRows.None;
        }

        TileGrid grid = TileGrid.Of(camera);
        byte[] wanted = new byte[grid.Count];
        foreach (PixelPosition pixel in pixels)
        {
            wanted[grid.TileOf(pixel)] = 1;
        }

        TileLists lists = Bin(session, camera, TileRectangle.Around(grid, pixels), wanted);
        if (lists.Total > OpenClRasterizer.DefaultMaxEntries)
        {
            throw new ComputeException(string.Create(
                CultureInfo.InvariantCulture,
                $"The tiles of {pixels.Length} positions see {lists.Total} Gaussians; more than {OpenClRasterizer.DefaultMaxEntries} are not held at once."));
        }

        OpenClBuffer entries = lists.Fill(session, 0, grid.Count);
        OpenClBuffer positions = session.Keep("positions", pixels);
        OpenClBuffer lengths = session.Keep("row lengths", 4L * pixels.Length);
        OpenClBuffer alphas = session.Keep("row alphas", 4L * pixels.Length);
        OpenClBuffer depths = session.Keep("row depths", 4L * pixels.Length);
        session.Run(
            "count_rows", (long)pixels.Length * RowGroup, RowGroup,
            positions, grid.Columns, grid.Rows, lists.Starts, entries, lists.Projected, lengths, alphas, depths);
        OpenClBuffer rowStarts = Scan(session, lengths, pixels.Length, "row starts");
        long total = (long)session.Read<ulong>(rowStarts, 8L * pixels.Length);
        OpenClBuffer indices = session.Keep("row indices", 4 * total);
        OpenClBuffer weights = session.Keep("row weights", 4 * total);
        session.Run(
            "fill_rows", (long)pixels.Length * RowGroup, RowGroup,
            positions, grid.Columns, grid.Rows, lists.Starts, entries, lists.Projected, rowStarts, indices, weights);
        return new DeviceRows(pixels.Length, total, rowStarts, indices, weights, alphas, depths);
    }

    /// <summary>Sums of all counts before each, of all, and the greatest count.</summary>
    private static OpenClBuffer Scan(OpenClSession session, OpenClBuffer counts, int length, string name)
    {
        OpenClBuffer starts = session.Keep(name, 8L * (length + 2));
        session.Run("scan_counts", ScanGroup, ScanGroup, counts, length, starts);
        return starts;
    }
}
