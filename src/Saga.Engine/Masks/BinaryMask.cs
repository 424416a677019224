namespace Saga.Engine.Masks;

/// <summary>
/// A binary mask, run-length coded in column-major order as COCO does: runs alternate between unset and set pixels, starting
/// with unset (a first run of 0 means that the first pixel is set), and sum to width × height.
/// </summary>
/// <remarks>Kept coded for its whole life: membership, area and the k-th set pixel are answered from the run ends.</remarks>
public sealed class BinaryMask
{
    // Exclusive end of each run in column-major pixel order; the last equals Width × Height.
    private readonly int[] _runEnds;

    // Number of set pixels before run 2k+1, for the k-th set run; lets a rank be turned into a pixel.
    private readonly int[] _setBefore;

    private BinaryMask(int width, int height, int[] runEnds, int[] setBefore, int area)
    {
        Width = width;
        Height = height;
        _runEnds = runEnds;
        _setBefore = setBefore;
        Area = area;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Number of set pixels.</summary>
    public int Area { get; }

    /// <summary>Exclusive run ends in column-major order, alternating unset, set, unset, …</summary>
    public ReadOnlySpan<int> RunEnds => _runEnds;

    /// <summary>Builds a mask from run lengths.</summary>
    /// <param name="width">Width in pixels, positive.</param>
    /// <param name="height">Height in pixels, positive.</param>
    /// <param name="runLengths">Non-negative lengths, unset first, column-major, that sum to width × height.</param>
    /// <exception cref="InvalidMaskException">A run is negative or the runs do not fill the mask exactly.</exception>
    public static BinaryMask FromRunLengths(int width, int height, ReadOnlySpan<int> runLengths)
    {
        long size = CheckedSize(width, height);
        var runEnds = new int[runLengths.Length];
        var setBefore = new int[runLengths.Length / 2];
        long end = 0;
        int area = 0;
        for (int run = 0; run < runLengths.Length; run++)
        {
            int length = runLengths[run];
            if (length < 0)
            {
                throw new InvalidMaskException($"Run {run} of the mask has length {length}; run lengths are not negative.");
            }

            end += length;
            if (end > size)
            {
                throw new InvalidMaskException(
                    $"The mask's runs overrun its size: after run {run} they cover {end} pixels, but {width}×{height} is {size}.");
            }

            runEnds[run] = (int)end;
            if ((run & 1) == 1)
            {
                setBefore[run >> 1] = area;
                area += length;
            }
        }

        return end == size
            ? new BinaryMask(width, height, runEnds, setBefore, area)
            : throw new InvalidMaskException($"The mask's runs cover {end} pixels; {width}×{height} is {size}.");
    }

    /// <summary>Builds a mask from decoded pixels.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="pixels">Row-major, [height, width]; any value but 0 is set.</param>
    public static BinaryMask FromPixels(int width, int height, ReadOnlySpan<byte> pixels)
    {
        long size = CheckedSize(width, height);
        if (pixels.Length != size)
        {
            throw new InvalidMaskException($"The mask holds {pixels.Length} pixels; {width}×{height} is {size}.");
        }

        var runs = new List<int>();
        bool set = false;
        int length = 0;
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
            {
                if (pixels[y * width + x] != 0 != set)
                {
                    runs.Add(length);
                    length = 0;
                    set = !set;
                }

                length++;
            }
        }

        runs.Add(length);
        return FromRunLengths(width, height, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(runs));
    }

    /// <summary>True when the pixel is set. O(log runs).</summary>
    public bool Contains(int x, int y)
    {
        int position = x * Height + y;
        int run = Array.BinarySearch(_runEnds, position);

        // A hit means that a run ends exactly here, so the pixel starts the next run that is not empty.
        run = run < 0 ? ~run : run + 1;
        while (run < _runEnds.Length && _runEnds[run] <= position)
        {
            run++;
        }

        return (run & 1) == 1;
    }

    /// <summary>The set pixel of a rank, 0..<see cref="Area"/>-1, in column-major order. O(log runs).</summary>
    public (int X, int Y) SetPixel(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, Area);
        int k = Array.BinarySearch(_setBefore, rank);
        if (k < 0)
        {
            k = ~k - 1;
        }
        else
        {
            // Empty set runs share their rank with the run that holds it: take the last of them.
            while (k + 1 < _setBefore.Length && _setBefore[k + 1] == rank)
            {
                k++;
            }
        }

        int position = _runEnds[2 * k] + (rank - _setBefore[k]);
        return (position / Height, position % Height);
    }

    /// <summary>Decodes into row-major bytes, 1 where set.</summary>
    /// <param name="pixels">Receives [height, width]; every element is written.</param>
    public void Decode(Span<byte> pixels)
    {
        pixels[..(Width * Height)].Clear();
        for (int run = 1; run < _runEnds.Length; run += 2)
        {
            for (int position = _runEnds[run - 1]; position < _runEnds[run]; position++)
            {
                pixels[position % Height * Width + position / Height] = 1;
            }
        }
    }

    private static long CheckedSize(int width, int height)
    {
        if (width is < 1 or > Cameras.PinholeCamera.MaxSide || height is < 1 or > Cameras.PinholeCamera.MaxSide)
        {
            throw new InvalidMaskException(
                $"The mask is {width}×{height} pixels; each side must be 1 to {Cameras.PinholeCamera.MaxSide}.");
        }

        return (long)width * height;
    }
}
