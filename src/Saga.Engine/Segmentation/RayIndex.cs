using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.Intrinsics;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation;

/// <summary>
/// The sparse rows of single pixels for any camera, in microseconds: finds the few Gaussians on a ray through a hierarchy of
/// boxes instead of projecting all of them. The rows equal those of <see cref="CpuRasterizer"/> bit for bit.
/// </summary>
/// <remarks>
/// Gaussians lie along a Morton curve, so contiguous runs of them are compact: the hierarchy is implicit, 16 Gaussians to a
/// leaf and 8 boxes to a group on every level, without pointers. Candidates pass a conservative bound
/// (<see cref="PixelRay"/>); from the scene's arrays they are prepared, projected and blended by the rasteriser's own kernels.
/// Memory: 4.3 bytes a Gaussian beside the scene. Instances are immutable and safe to share between threads.
/// </remarks>
public sealed partial class RayIndex
{
    private const int LeafSize = 16;

    // Gaussians that the bound takes at a time.
    private const int Lanes = 8;

    // The upper half of -∞.
    private const ushort ReachesNothing = 0xFF80;

    private const int Fanout = 8;

    // Centre, half-extent, (k·s)², k² of 8 boxes.
    private const int GroupFloats = 8 * Fanout;

    private const int LeavesPerBatch = 256;

    private readonly GaussianScene _scene;
    private readonly ushort[] _reaches;
    private readonly float[][] _levels;

    // As many as threads ever asked at once; what grew with the Gaussians on a ray serves the next one.
    private readonly ConcurrentBag<RayWorkspace> _workspaces = [];

    // reaches: (k·s)² of every Gaussian, rounded up to the upper half of a float32, padded to whole leaves.
    private RayIndex(GaussianScene scene, ushort[] reaches, float[][] levels)
    {
        _scene = scene;
        _reaches = reaches;
        _levels = levels;
    }

    /// <summary>Bytes that the index takes beside the scene.</summary>
    public long ByteCount => 2L * _reaches.Length + _levels.Sum(level => 4L * level.Length);

    /// <summary>Computes the blending weights of pixels.</summary>
    /// <param name="camera">Any camera.</param>
    /// <param name="pixels">Continuous positions inside the image, borders included.</param>
    /// <returns>One row per position.</returns>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    /// <exception cref="ArgumentException">A position is outside the image or not a number.</exception>
    public SparsePixelRows PixelRows(PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels)
    {
        ArgumentNullException.ThrowIfNull(camera);
        camera.Validate();
        int[] starts = new int[pixels.Length + 1];
        float[] alphas = new float[pixels.Length];
        float[] depths = new float[pixels.Length];
        using var rows = new RowBuffer();
        RayWorkspace workspace = _workspaces.TryTake(out RayWorkspace? idle) ? idle : new RayWorkspace(new RayCandidates(_scene), new PixelRowKernel());
        (RayCandidates candidates, PixelRowKernel blend) = workspace;
        for (int p = 0; p < pixels.Length; p++)
        {
            candidates.Clear();
            Collect(camera, pixels[p], candidates);
            blend.Load(candidates.Entries(), candidates.Projected);
            blend.AppendRow(pixels[p], rows, out alphas[p], out depths[p]);
            starts[p + 1] = rows.Count;
        }

        _workspaces.Add(workspace);
        int[] indices = new int[rows.Count];
        float[] weights = new float[rows.Count];
        rows.CopyTo(0, rows.Count, indices, weights);
        return new SparsePixelRows
        {
            RowStarts = starts,
            GaussianIndices = indices,
            Weights = weights,
            Alphas = alphas,
            Depths = depths,
        };
    }

    private void Collect(PinholeCamera camera, PixelPosition pixel, RayCandidates candidates)
    {
        if (!(pixel.X >= 0 && pixel.X <= camera.Width && pixel.Y >= 0 && pixel.Y <= camera.Height))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"The position ({pixel.X}, {pixel.Y}) is not inside the view of {camera.Width}×{camera.Height} pixels."), nameof(pixel));
        }

        TileGrid grid = TileGrid.Of(camera);
        (int row, int column) = Math.DivRem(grid.TileOf(pixel), grid.Columns);
        var tile = new TileRectangle((ushort)column, (ushort)row, (ushort)column, (ushort)row);
        var projection = new ProjectionCamera(camera, tile);
        Visit(_levels.Length - 1, 0, new PixelRay(camera, pixel), in projection, candidates);
        candidates.Project(in projection);
    }

    private void Visit(int level, int group, in PixelRay ray, in ProjectionCamera projection, RayCandidates candidates)
    {
        uint near = ray.BoxesInReach(ref _levels[level][group * GroupFloats]);
        for (; near != 0; near &= near - 1)
        {
            int child = group * Fanout + BitOperations.TrailingZeroCount(near);
            if (level > 0)
            {
                // A ray whose numbers overflow seems to reach even the empty boxes that fill the last group up.
                if (child < _levels[level - 1].Length / GroupFloats)
                {
                    Visit(level - 1, child, in ray, in projection, candidates);
                }

                continue;
            }

            // The leaf's greatest k² stands for that of each Gaussian: it only widens the reach by the blur of a pixel.
            var kSquared = Vector256.Create(_levels[0][group * GroupFloats + 56 + child % Fanout]);
            for (int i = child * LeafSize; i < Math.Min((child + 1) * LeafSize, _scene.Count); i += Lanes)
            {
                for (uint reach = InReach(i, kSquared, in ray); reach != 0; reach &= reach - 1)
                {
                    candidates.Add(i + BitOperations.TrailingZeroCount(reach), in projection);
                }
            }
        }
    }

    // Transposes eight means; the last ones of the scene may be fewer.
    private uint InReach(int i, Vector256<float> kSquared, in PixelRay ray)
    {
        ReadOnlySpan<float> means = _scene.Means.AsSpan(3 * i, 3 * Math.Min(Lanes, _scene.Count - i));
        Span<float> planes = stackalloc float[3 * Lanes];
        planes.Clear();
        for (int lane = 0; lane < means.Length / 3; lane++)
        {
            planes[lane] = means[3 * lane];
            planes[Lanes + lane] = means[3 * lane + 1];
            planes[2 * Lanes + lane] = means[3 * lane + 2];
        }

        Vector128<ushort> reaches = Vector128.LoadUnsafe(ref _reaches[i]);
        Vector256<float> radiusSquared =
            (Vector256.Create(Vector128.WidenLower(reaches), Vector128.WidenUpper(reaches)) << 16).AsSingle();
        uint inReach = ray.GaussiansInReach(
            Vector256.Create<float>(planes), Vector256.Create<float>(planes[Lanes..]), Vector256.Create<float>(planes[(2 * Lanes)..]),
            radiusSquared, kSquared);
        return inReach & (uint)((1 << (means.Length / 3)) - 1);
    }

    private sealed record RayWorkspace(RayCandidates Candidates, PixelRowKernel Blend);
}
