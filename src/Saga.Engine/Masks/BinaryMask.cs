using Saga.Engine.Cameras;

namespace Saga.Engine.Masks;

/// <summary>
/// A binary mask, run-length coded in column-major order as COCO does: runs alternate between unset and set pixels, starting
/// with unset (a first run of 0 means that the first pixel is set), and sum to width × height.
/// </summary>
/// <remarks>
/// Kept coded for its whole life: membership, area and the k-th set pixel are answered from the run ends. The coding is
/// canonical (no empty run but a first one), so equal masks have equal runs whatever the file wrote. Immutable and thread-safe.
/// </remarks>
public sealed partial class BinaryMask
{
    // A rank is found by binary search among every 32nd set run and a short walk: 1/64 of the memory of a full prefix sum.
    private const int RankStep = 32;

    // Exclusive end of each run in column-major pixel order, increasing; the last equals Width × Height.
    private readonly int[] _runEnds;

    // Number of set pixels before set run k·RankStep, i.e. before run 2·k·RankStep + 1.
    private readonly int[] _setBefore;

    private BinaryMask(int width, int height, int[] runEnds)
    {
        Width = width;
        Height = height;
        _runEnds = runEnds;
        int setRuns = runEnds.Length / 2;
        _setBefore = new int[(setRuns + RankStep - 1) / RankStep];
        int area = 0;
        for (int k = 0; k < setRuns; k++)
        {
            if (k % RankStep == 0)
            {
                _setBefore[k / RankStep] = area;
            }

            area += runEnds[2 * k + 1] - runEnds[2 * k];
        }

        Area = area;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Number of set pixels.</summary>
    public int Area { get; }

    /// <summary>True when every pixel is set.</summary>
    public bool IsFull => Area == Width * Height;

    /// <summary>Exclusive run ends in column-major order, alternating unset, set, unset, …; increasing, only the first may be 0.</summary>
    public ReadOnlySpan<int> RunEnds => _runEnds;

    /// <summary>Builds a mask from run lengths.</summary>
    /// <param name="width">Width in pixels, 1..<see cref="PinholeCamera.MaxSide"/>.</param>
    /// <param name="height">Height in pixels, 1..<see cref="PinholeCamera.MaxSide"/>.</param>
    /// <param name="runLengths">Non-negative lengths, unset first, column-major, that sum to width × height.</param>
    /// <exception cref="InvalidMaskException">A run is negative or the runs do not fill the mask exactly.</exception>
    public static BinaryMask FromRunLengths(int width, int height, ReadOnlySpan<int> runLengths)
    {
        long size = CheckedSize(width, height);
        var builder = new MaskRunBuilder();
        long end = 0;
        for (int run = 0; run < runLengths.Length; run++)
        {
            int length = runLengths[run];
            if (length < 0)
            {
                throw new InvalidMaskException($"Run {run} of the mask has length {length}; run lengths are not negative.");
            }

            long start = end;
            end += length;
            if (end > size)
            {
                throw new InvalidMaskException(
                    $"The mask's runs overrun its size: after run {run} they cover {end} pixels, but {width}×{height} is {size}.");
            }

            if ((run & 1) == 1)
            {
                builder.AddSet((int)start, (int)end);
            }
        }

        return end == size
            ? builder.Build(width, height)
            : throw new InvalidMaskException($"The mask's runs cover {end} pixels; {width}×{height} is {size}.");
    }

    /// <summary>Builds a mask from decoded pixels.</summary>
    /// <param name="width">Width in pixels, 1..<see cref="PinholeCamera.MaxSide"/>.</param>
    /// <param name="height">Height in pixels, 1..<see cref="PinholeCamera.MaxSide"/>.</param>
    /// <param name="pixels">Row-major, [height, width]; any value but 0 is set.</param>
    /// <exception cref="InvalidMaskException">The number of pixels is not width × height, or a side is out of range.</exception>
    public static BinaryMask FromPixels(int width, int height, ReadOnlySpan<byte> pixels)
    {
        long size = CheckedSize(width, height);
        if (pixels.Length != size)
        {
            throw new InvalidMaskException($"The mask holds {pixels.Length} pixels; {width}×{height} is {size}.");
        }

        return RowMajorRunEncoder.Encode(width, height, pixels);
    }

    /// <summary>True when the pixel is set. O(log runs).</summary>
    /// <param name="x">Column, 0..Width-1.</param>
    /// <param name="y">Row, 0..Height-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pixel lies outside the mask.</exception>
    public bool Contains(int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
        int run = Array.BinarySearch(_runEnds, x * Height + y);

        // A hit means that a run ends exactly here, so the pixel starts the next one, which is not empty.
        run = run < 0 ? ~run : run + 1;
        return (run & 1) == 1;
    }

    /// <summary>The set pixel of a rank in column-major order. O(log runs).</summary>
    /// <param name="rank">0..<see cref="Area"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rank is negative or not below the area.</exception>
    public (int X, int Y) SetPixel(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, Area);
        int block = Array.BinarySearch(_setBefore, rank);
        block = block < 0 ? ~block - 1 : block;
        int left = rank - _setBefore[block];
        int run = 2 * block * RankStep + 1;
        for (int length; left >= (length = _runEnds[run] - _runEnds[run - 1]); run += 2)
        {
            left -= length;
        }

        int position = _runEnds[run - 1] + left;
        return (position / Height, position % Height);
    }

    /// <summary>Decodes into row-major bytes, 1 where set.</summary>
    /// <param name="pixels">Receives [height, width]; every element is written.</param>
    /// <exception cref="ArgumentException">The span is shorter than width × height.</exception>
    public void Decode(Span<byte> pixels)
    {
        if (pixels.Length < Width * Height)
        {
            throw new ArgumentException($"{pixels.Length} bytes cannot hold {Width}×{Height} pixels.", nameof(pixels));
        }

        pixels[..(Width * Height)].Clear();
        for (int run = 1; run < _runEnds.Length; run += 2)
        {
            int start = _runEnds[run - 1];
            int end = _runEnds[run];
            int x = start / Height;
            int y = start - x * Height;
            for (int position = start; position < end; position++)
            {
                pixels[y * Width + x] = 1;
                if (++y == Height)
                {
                    y = 0;
                    x++;
                }
            }
        }
    }

    /// <summary>Takes over canonical run ends.</summary>
    internal static BinaryMask FromCanonicalRunEnds(int width, int height, int[] runEnds) => new(width, height, runEnds);

    /// <summary>Width × height of an acceptable mask; at most 2²⁸, so positions are ints.</summary>
    internal static int CheckedSize(long width, long height)
    {
        if (width is < 1 or > PinholeCamera.MaxSide || height is < 1 or > PinholeCamera.MaxSide)
        {
            throw new InvalidMaskException(
                $"The mask is {width}×{height} pixels; each side must be 1 to {PinholeCamera.MaxSide}.");
        }

        return (int)(width * height);
    }
}
