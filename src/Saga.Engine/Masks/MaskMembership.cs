using System.Buffers;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Masks;

/// <summary>
/// Answers, for lists of pixels of one view, which masks contain them; and draws pixels of a mask. Works on runs, nothing is
/// decoded. Immutable and thread-safe.
/// </summary>
public sealed class MaskMembership
{
    private const int BitsPerWord = 64;

    private readonly int _width;
    private readonly int _height;

    // Top and bottom of each mask: most pixels in a small mask's columns lie above or below it and need no look at its runs.
    private readonly (int Top, int Bottom)[] _rows;

    /// <summary>Prepares the masks of a view.</summary>
    /// <param name="masks">Masks of any resolution; those that differ are resampled to the view's.</param>
    /// <param name="width">Width of the view in pixels.</param>
    /// <param name="height">Height of the view in pixels.</param>
    public MaskMembership(IReadOnlyList<BinaryMask> masks, int width, int height)
    {
        BinaryMask.CheckedSize(width, height);
        _width = width;
        _height = height;
        Masks = [.. masks.Select(mask => mask.ResizedTo(width, height))];
        _rows = [.. Masks.Select(mask => mask.GetBounds()).Select(bounds => (bounds.Top, bounds.Bottom))];
    }

    /// <summary>The masks, all at the view's resolution; bit m of a pixel is <c>Masks[m]</c>.</summary>
    public IReadOnlyList<BinaryMask> Masks { get; }

    /// <summary>64-bit words per pixel: ⌈masks / 64⌉.</summary>
    public int WordCount => (Masks.Count + BitsPerWord - 1) / BitsPerWord;

    /// <summary>Finds the masks of each pixel. O(P log P + Σ over masks of the pixels within its column range).</summary>
    /// <param name="pixels">Positions in the view, [pixels]; a position belongs to the pixel it lies in.</param>
    /// <param name="bits">Receives [pixels, WordCount]: mask m is bit m % 64 of word m / 64 of its pixel. Every word is written.</param>
    /// <exception cref="ArgumentException">A position lies outside the view, or <paramref name="bits"/> is too short.</exception>
    public void Fill(ReadOnlySpan<PixelPosition> pixels, Span<ulong> bits)
    {
        int words = WordCount;
        if (bits.Length < (long)pixels.Length * words)
        {
            throw new ArgumentException($"{bits.Length} words cannot hold {pixels.Length} pixels of {words} words.", nameof(bits));
        }

        bits[..(pixels.Length * words)].Clear();
        long[] rented = ArrayPool<long>.Shared.Rent(pixels.Length);
        Span<long> sorted = rented.AsSpan(0, pixels.Length);
        for (int i = 0; i < pixels.Length; i++)
        {
            sorted[i] = ((long)ColumnMajor(pixels[i]) << 32) | (uint)i;
        }

        // In the order of the runs, one walk along both finds all pixels of a mask.
        sorted.Sort();
        int[] rentedRows = ArrayPool<int>.Shared.Rent(pixels.Length);
        Span<int> rows = rentedRows.AsSpan(0, pixels.Length);
        for (int i = 0; i < pixels.Length; i++)
        {
            rows[i] = (int)pixels[(int)sorted[i]].Y;
        }

        for (int m = 0; m < Masks.Count; m++)
        {
            MarkPixels(Masks[m].RunEnds, _rows[m], sorted, rows, bits[(m / BitsPerWord)..], words, 1UL << (m % BitsPerWord));
        }

        ArrayPool<int>.Shared.Return(rentedRows);
        ArrayPool<long>.Shared.Return(rented);
    }

    /// <summary>The centre of a mask's set pixel of a rank: a uniform rank draws a pixel uniformly.</summary>
    /// <param name="mask">Index of the mask.</param>
    /// <param name="rank">0..<c>Masks[mask].Area</c>-1.</param>
    public PixelPosition PixelOf(int mask, int rank)
    {
        (int x, int y) = Masks[mask].SetPixel(rank);
        return new PixelPosition(x + 0.5f, y + 0.5f);
    }

    private static void MarkPixels(
        ReadOnlySpan<int> runEnds,
        (int Top, int Bottom) maskRows,
        ReadOnlySpan<long> sorted,
        ReadOnlySpan<int> rows,
        Span<ulong> bits,
        int words,
        ulong bit)
    {
        int setRuns = runEnds.Length / 2;
        if (setRuns == 0)
        {
            return;
        }

        int lastSetEnd = runEnds[2 * setRuns - 1];
        int run = 0;
        for (int i = FirstAtOrAfter(sorted, runEnds[0]); i < sorted.Length; i++)
        {
            int position = (int)(sorted[i] >> 32);
            if (position >= lastSetEnd)
            {
                return;
            }

            if (rows[i] < maskRows.Top || rows[i] >= maskRows.Bottom)
            {
                continue;
            }

            run = RunOf(runEnds, run, position);
            if ((run & 1) == 1)
            {
                bits[(int)(uint)sorted[i] * words] |= bit;
            }
        }
    }

    private static int FirstAtOrAfter(ReadOnlySpan<long> sorted, int position)
    {
        int index = sorted.BinarySearch((long)position << 32);
        return index < 0 ? ~index : index;
    }

    // The run at or after `run` that holds a position: doubling steps, then bisection, for the next pixel is usually near.
    private static int RunOf(ReadOnlySpan<int> runEnds, int run, int position)
    {
        int low = run;
        int high = run;
        for (int step = 1; high < runEnds.Length && runEnds[high] <= position; step *= 2)
        {
            low = high + 1;
            high += step;
        }

        high = Math.Min(high, runEnds.Length - 1);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (runEnds[middle] <= position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private int ColumnMajor(PixelPosition pixel)
    {
        // Written so that NaN fails; positions that pass are not negative, so truncation is the floor.
        return pixel.X >= 0 && pixel.X < _width && pixel.Y >= 0 && pixel.Y < _height
            ? (int)pixel.X * _height + (int)pixel.Y
            : throw new ArgumentException(
                FormattableString.Invariant($"The position ({pixel.X}, {pixel.Y}) lies outside the {_width}×{_height} view."), nameof(pixel));
    }
}
