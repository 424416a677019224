namespace Saga.Cli.Evaluation;

/// <summary>
/// The exact squared Euclidean distance of every pixel of a region to the nearest pixel outside it. What lies beyond the
/// image is outside, so a region that is cut by the border has its middle inside the picture.
/// </summary>
/// <remarks>
/// Separable, exact, linear (Meijster, Roerdink, Hesselink 2000): down each column the distance to the nearest outside pixel,
/// then along each row the lower envelope of the parabolas (x - i)² + column[i]². Integers throughout.
/// </remarks>
public static class DistanceTransform
{
    /// <summary>Computes the transform.</summary>
    /// <param name="region">Row-major, [height, width].</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <returns>Squared distances in pixels², row-major; 0 outside the region, at least 1 inside.</returns>
    public static int[] Squared(ReadOnlySpan<bool> region, int width, int height)
    {
        if (region.Length != width * height)
        {
            throw new ArgumentException($"The region has {region.Length} pixels; {width}×{height} is {width * height}.", nameof(region));
        }

        int[] columns = ColumnDistances(region, width, height);
        var result = new int[columns.Length];

        // One outside pixel on either side of the row: positions 0 and width + 1.
        int padded = width + 2;
        var squares = new int[padded];
        var apexes = new int[padded];
        var starts = new int[padded];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int distance = columns[y * width + x];
                squares[x + 1] = distance * distance;
            }

            LowerEnvelope(squares, apexes, starts, result.AsSpan(y * width, width));
        }

        return result;
    }

    /// <summary>Distance of each pixel to the nearest outside pixel of its own column.</summary>
    private static int[] ColumnDistances(ReadOnlySpan<bool> region, int width, int height)
    {
        var distances = new int[width * height];
        for (int x = 0; x < width; x++)
        {
            int above = 0;
            for (int y = 0; y < height; y++)
            {
                above = region[y * width + x] ? above + 1 : 0;
                distances[y * width + x] = above;
            }

            int below = 0;
            for (int y = height - 1; y >= 0; y--)
            {
                below = region[y * width + x] ? below + 1 : 0;
                distances[y * width + x] = Math.Min(distances[y * width + x], below);
            }
        }

        return distances;
    }

    /// <summary>min over i of (x - i)² + squares[i], for the positions 1..width of a padded row.</summary>
    private static void LowerEnvelope(ReadOnlySpan<int> squares, Span<int> apexes, Span<int> starts, Span<int> result)
    {
        int last = 0;
        apexes[0] = 0;
        starts[0] = 0;
        for (int u = 1; u < squares.Length; u++)
        {
            while (last >= 0 && At(squares, apexes[last], starts[last]) > At(squares, u, starts[last]))
            {
                last--;
            }

            if (last < 0)
            {
                last = 0;
                apexes[0] = u;
                starts[0] = 0;
                continue;
            }

            // First position where the parabola of u is the lower one.
            int i = apexes[last];
            int crossing = 1 + (u * u - i * i + squares[u] - squares[i]) / (2 * (u - i));
            if (crossing < squares.Length)
            {
                last++;
                apexes[last] = u;
                starts[last] = crossing;
            }
        }

        for (int x = squares.Length - 1; x >= 1; x--)
        {
            if (x <= result.Length)
            {
                result[x - 1] = At(squares, apexes[last], x);
            }

            if (x == starts[last])
            {
                last--;
            }
        }
    }

    private static int At(ReadOnlySpan<int> squares, int apex, int x) => (x - apex) * (x - apex) + squares[apex];
}
