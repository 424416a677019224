using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using Saga.Engine.Cameras;

namespace Saga.Engine.Masks;

/// <summary>Back-projects the pixels of a mask that survive the 3×3 rule and sums their spread.</summary>
/// <remarks>
/// Three decoded columns roll over the mask's columns, so the work is proportional to its bounding box and stays in cache:
/// n(x, y) = Σ of the 9 mask values around (x, y), zero outside the image; a pixel counts if m(x, y) = 1, n ≥ 5 and z &gt; 0;
/// its point is ((x + ½ - cx)·z/fx, (y + ½ - cy)·z/fy, z).
/// </remarks>
internal static class BackProjectKernel
{
    private const byte MinNeighbours = 5;

    /// <param name="mask">A mask of the camera's size.</param>
    /// <param name="depth">Row-major, [height, width], world units.</param>
    /// <param name="camera">Intrinsics.</param>
    public static PointSpread Run<T>(BinaryMask mask, ReadOnlySpan<T> depth, PinholeCamera camera)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(mask.Width == camera.Width && mask.Height == camera.Height);
        Debug.Assert(depth.Length == mask.Width * mask.Height);

        var spread = default(PointSpread);
        (int left, int top, int right, int bottom) = mask.GetBounds();
        int rows = bottom - top;

        // One unset row above and below each column, plus a vector of slack so that whole vectors may be read and written.
        int stride = rows + 2 + Vector<byte>.Count;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(5 * stride);
        buffer.AsSpan(0, 5 * stride).Clear();
        Span<byte> before = buffer.AsSpan(0, stride);
        Span<byte> here = buffer.AsSpan(stride, stride);
        Span<byte> after = buffer.AsSpan(2 * stride, stride);
        Span<byte> columnSums = buffer.AsSpan(3 * stride, stride);
        Span<byte> kept = buffer.AsSpan(4 * stride, stride);

        int run = 1;
        bool any = DecodeColumn(mask, left, top, here, ref run);
        for (int x = left; x < right; x++)
        {
            bool anyAfter = false;
            after.Clear();
            if (x + 1 < right)
            {
                anyAfter = DecodeColumn(mask, x + 1, top, after, ref run);
            }

            if (any)
            {
                Keep(before, here, after, columnSums, kept, rows);
                double rayX = (x + 0.5 - camera.Cx) / camera.Fx;
                for (int y = 0; y < rows; y++)
                {
                    double z = kept[y] == 0 ? 0 : double.CreateTruncating(depth[(top + y) * mask.Width + x]);
                    if (z > 0 && z <= double.MaxValue)
                    {
                        spread.Add(rayX * z, (top + y + 0.5 - camera.Cy) / camera.Fy * z, z);
                    }
                }
            }

            Span<byte> recycled = before;
            before = here;
            here = after;
            after = recycled;
            any = anyAfter;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return spread;
    }

    // column[1 + y - top] = 1 where (x, y) is set; the column comes cleared. Moves run to the first set run that may reach the next column.
    private static bool DecodeColumn(BinaryMask mask, int x, int top, Span<byte> column, ref int run)
    {
        ReadOnlySpan<int> ends = mask.RunEnds;
        int columnStart = x * mask.Height;
        int columnEnd = columnStart + mask.Height;
        bool any = false;
        while (run < ends.Length && ends[run - 1] < columnEnd)
        {
            int start = Math.Max(ends[run - 1], columnStart) - columnStart - top;
            int end = Math.Min(ends[run], columnEnd) - columnStart - top;
            column[(1 + start)..(1 + end)].Fill(1);
            any = true;
            if (ends[run] > columnEnd)
            {
                break;
            }

            run += 2;
        }

        return any;
    }

    // kept[y] = nonzero where here is set and at least 5 of the 9 around are.
    private static void Keep(
        ReadOnlySpan<byte> before, ReadOnlySpan<byte> here, ReadOnlySpan<byte> after, Span<byte> columnSums, Span<byte> kept, int rows)
    {
        for (int i = 0; i < rows + 2; i += Vector<byte>.Count)
        {
            (new Vector<byte>(before[i..]) + new Vector<byte>(here[i..]) + new Vector<byte>(after[i..])).CopyTo(columnSums[i..]);
        }

        for (int i = 0; i < rows; i += Vector<byte>.Count)
        {
            Vector<byte> neighbours =
                new Vector<byte>(columnSums[i..]) + new Vector<byte>(columnSums[(i + 1)..]) + new Vector<byte>(columnSums[(i + 2)..]);
            Vector<byte> enough = Vector.GreaterThanOrEqual(neighbours, new Vector<byte>(MinNeighbours));
            (enough & new Vector<byte>(here[(i + 1)..])).CopyTo(kept[i..]);
        }
    }
}
