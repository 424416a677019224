namespace Saga.Engine.Masks;

public sealed partial class BinaryMask
{
    /// <summary>The smallest box that holds every set pixel; all zeros for an empty mask. O(runs).</summary>
    /// <returns>Left and top inclusive, right and bottom exclusive.</returns>
    public (int Left, int Top, int Right, int Bottom) GetBounds()
    {
        if (Area == 0)
        {
            return (0, 0, 0, 0);
        }

        int top = Height;
        int bottom = 0;
        for (int run = 1; run < _runEnds.Length; run += 2)
        {
            int firstColumn = _runEnds[run - 1] / Height;
            int lastColumn = (_runEnds[run] - 1) / Height;
            if (firstColumn != lastColumn)
            {
                // The run passes the bottom of one column and the top of the next.
                (top, bottom) = (0, Height);
                break;
            }

            top = Math.Min(top, _runEnds[run - 1] - firstColumn * Height);
            bottom = Math.Max(bottom, _runEnds[run] - firstColumn * Height);
        }

        int lastSetEnd = _runEnds[_runEnds.Length / 2 * 2 - 1];
        return (_runEnds[0] / Height, top, (lastSetEnd - 1) / Height + 1, bottom);
    }

    /// <summary>Number of pixels set in both masks. O(runs of both).</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public int IntersectionArea(BinaryMask other)
    {
        if (other.Width != Width || other.Height != Height)
        {
            throw new ArgumentException(
                $"Masks of {Width}×{Height} and {other.Width}×{other.Height} pixels cannot be compared; resize one first.", nameof(other));
        }

        int area = 0;
        int a = 1;
        int b = 1;
        while (a < _runEnds.Length && b < other._runEnds.Length)
        {
            int start = Math.Max(_runEnds[a - 1], other._runEnds[b - 1]);
            int end = Math.Min(_runEnds[a], other._runEnds[b]);
            area += Math.Max(0, end - start);
            if (_runEnds[a] <= other._runEnds[b])
            {
                a += 2;
            }
            else
            {
                b += 2;
            }
        }

        return area;
    }

    /// <summary>
    /// The mask at another resolution: a pixel takes the value of the source pixel under its centre. Exact in integers.
    /// </summary>
    /// <param name="width">New width in pixels, 1..<see cref="Cameras.PinholeCamera.MaxSide"/>.</param>
    /// <param name="height">New height in pixels, 1..<see cref="Cameras.PinholeCamera.MaxSide"/>.</param>
    /// <exception cref="InvalidMaskException">A side is out of range.</exception>
    public BinaryMask ResizedTo(int width, int height)
    {
        if (width == Width && height == Height)
        {
            return this;
        }

        CheckedSize(width, height);
        var builder = new MaskRunBuilder();
        int firstRun = 1;
        for (int x = 0; x < width; x++)
        {
            int columnStart = (int)SourceOf(x, Width, width) * Height;
            int columnEnd = columnStart + Height;
            while (firstRun < _runEnds.Length && _runEnds[firstRun] <= columnStart)
            {
                firstRun += 2;
            }

            for (int run = firstRun; run < _runEnds.Length && _runEnds[run - 1] < columnEnd; run += 2)
            {
                int top = Math.Max(_runEnds[run - 1], columnStart) - columnStart;
                int bottom = Math.Min(_runEnds[run], columnEnd) - columnStart;
                builder.AddSet(
                    x * height + FirstAtOrAfter(top, Height, height), x * height + FirstAtOrAfter(bottom, Height, height));
            }
        }

        return builder.Build(width, height);
    }

    /// <summary>The source pixel under the centre of target pixel i: ⌊(i + ½)·sourceSize / targetSize⌋.</summary>
    internal static long SourceOf(int i, int sourceSize, int targetSize) => (2L * i + 1) * sourceSize / (2L * targetSize);

    /// <summary>The first target pixel whose source is at or after a source pixel: the inverse of <see cref="SourceOf"/>.</summary>
    private static int FirstAtOrAfter(int source, int sourceSize, int targetSize)
    {
        long numerator = 2L * source * targetSize - sourceSize;
        return numerator <= 0 ? 0 : (int)((numerator + 2L * sourceSize - 1) / (2L * sourceSize));
    }
}
