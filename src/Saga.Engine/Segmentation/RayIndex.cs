using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Segmentation;

/// <summary>
/// The sparse rows of single pixels for any camera, in microseconds: finds the few Gaussians on a ray through a hierarchy of
/// boxes instead of projecting all of them. The rows equal those of <see cref="CpuRasterizer"/> bit for bit.
/// </summary>
/// <remarks>
/// Gaussians lie along a Morton curve, so contiguous runs of them are compact: the hierarchy is implicit, 16 Gaussians to a
/// leaf and 8 boxes to a group on every level, without pointers. Candidates pass a conservative bound
/// (<see cref="PixelRay"/>); they are projected and blended by the rasteriser's own kernels. Memory: 11 bytes a Gaussian beside
/// the projection planes. Instances are immutable and safe to share between threads.
/// </remarks>
public sealed partial class RayIndex
{
    private const int LeafSize = 16;

    // Gaussians that the projection takes at a time.
    private const int Lanes = 8;

    private const int Fanout = 8;

    // Centre, half-extent, (k·s)², k² of 8 boxes.
    private const int GroupFloats = 8 * Fanout;

    private const int LeavesPerBatch = 256;

    private readonly GaussianGeometry _geometry;
    private readonly float[] _radiiSquared;
    private readonly float[] _kSquared;
    private readonly float[][] _levels;

    private RayIndex(GaussianGeometry geometry, float[] radiiSquared, float[] kSquared, float[][] levels)
    {
        _geometry = geometry;
        _radiiSquared = radiiSquared;
        _kSquared = kSquared;
        _levels = levels;
    }

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
        using var candidates = new RayCandidates();
        var blend = new PixelRowKernel();
        for (int p = 0; p < pixels.Length; p++)
        {
            candidates.Clear();
            Collect(camera, pixels[p], candidates);
            blend.Load(candidates.Entries(), candidates.Projected);
            blend.AppendRow(pixels[p], rows, out alphas[p], out depths[p]);
            starts[p + 1] = rows.Count;
        }

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
        Visit(_levels.Length - 1, 0, new PixelRay(camera, pixel), new ProjectionCamera(camera, tile), candidates);
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
                    Visit(level - 1, child, ray, projection, candidates);
                }

                continue;
            }

            for (int i = child * LeafSize; i < Math.Min((child + 1) * LeafSize, _geometry.PaddedCount); i += Lanes)
            {
                if (AnyInReach(i, ray))
                {
                    candidates.Project(_geometry, projection, i);
                }
            }
        }
    }

    private bool AnyInReach(int i, in PixelRay ray) => ray.GaussiansInReach(
        Load(_geometry.Mean(0), i), Load(_geometry.Mean(1), i), Load(_geometry.Mean(2), i),
        Load(_radiiSquared, i), Load(_kSquared, i)) != 0;

    private static Vector256<float> Load(ReadOnlySpan<float> plane, int i) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(plane), (nuint)i);
}
