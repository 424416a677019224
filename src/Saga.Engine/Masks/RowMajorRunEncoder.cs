using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Masks;

/// <summary>
/// Turns row-major bytes into column-major runs, 32 columns at a time: a row of the block becomes 32 bits, and only bits that
/// differ from the row above cost anything.
/// </summary>
internal static class RowMajorRunEncoder
{
    private const int BlockColumns = 32;

    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="pixels">Row-major, [height, width]; any value but 0 is set.</param>
    public static BinaryMask Encode(int width, int height, ReadOnlySpan<byte> pixels)
    {
        var builder = new MaskRunBuilder();
        int[] changes = ArrayPool<int>.Shared.Rent(BlockColumns * (height + 1));
        Span<int> changeCounts = stackalloc int[BlockColumns];
        Span<byte> edge = stackalloc byte[BlockColumns];
        for (int left = 0; left < width; left += BlockColumns)
        {
            int columns = Math.Min(BlockColumns, width - left);
            changeCounts.Clear();
            uint above = 0;
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice(y * width + left, columns);
                Vector256<byte> values;
                if (columns == BlockColumns)
                {
                    values = Vector256.Create(row);
                }
                else
                {
                    row.CopyTo(edge);
                    values = Vector256.Create<byte>(edge);
                }

                uint set = ~Vector256.Equals(values, Vector256<byte>.Zero).ExtractMostSignificantBits();
                for (uint changed = set ^ above; changed != 0; changed &= changed - 1)
                {
                    int column = BitOperations.TrailingZeroCount(changed);
                    changes[column * (height + 1) + changeCounts[column]++] = y;
                }

                above = set;
            }

            for (int column = 0; column < columns; column++)
            {
                AddColumn(builder, (left + column) * height, height, changes.AsSpan(column * (height + 1), changeCounts[column]));
            }
        }

        ArrayPool<int>.Shared.Return(changes);
        return builder.Build(width, height);
    }

    private static void AddColumn(MaskRunBuilder builder, int columnStart, int height, ReadOnlySpan<int> changes)
    {
        for (int i = 0; i < changes.Length; i += 2)
        {
            int end = i + 1 < changes.Length ? changes[i + 1] : height;
            builder.AddSet(columnStart + changes[i], columnStart + end);
        }
    }
}
