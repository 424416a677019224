namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Splits a picture into small even regions: the leaves of the merge tree.</summary>
/// <remarks>
/// Felzenszwalb and Huttenlocher, "Efficient Graph-Based Image Segmentation" (2004): edges between neighbouring pixels, by ascending
/// weight w, join two regions if w ≤ min(Int(A) + k/|A|, Int(B) + k/|B|), where Int is the largest weight inside. Regions that stay too
/// small are joined to the neighbour of the least weight. Weights are whole numbers: the sort is a count, and ties go by position.
/// </remarks>
internal sealed class PixelRegions
{
    /// <summary>k: the weight that a region of one pixel is forgiven.</summary>
    private const float Forgiveness = 30f;

    /// <summary>Regions below this many pixels are joined to a neighbour.</summary>
    private const int MinPixels = 6;

    private const int Levels = 1024;

    // Weight of a difference of ΔE 1, of a gap of 1 (100 %), and of a fold of one radian; the first is the unit.
    private const float GapWeight = 1000f;
    private const float ConcaveWeight = 8f;
    private const float ConvexWeight = 2f;

    // Levels per unit of weight: differences above 64 are all the same.
    private const float Resolution = Levels / 64f;

    private static readonly (int X, int Y)[] StepArray = [(1, 0), (-1, 1), (0, 1), (1, 1)];

    /// <summary>Takes over a partition.</summary>
    public PixelRegions(int[] labels, int count)
    {
        Labels = labels;
        Count = count;
    }

    /// <summary>Region of each pixel, [height, width], 0..Count-1 by first pixel; -1 where nothing is shown.</summary>
    public int[] Labels { get; }

    /// <summary>Number of regions.</summary>
    public int Count { get; }

    /// <summary>The four neighbours that come after a pixel in reading order.</summary>
    public static ReadOnlySpan<(int X, int Y)> Steps => StepArray;

    /// <summary>Splits a picture.</summary>
    public static PixelRegions Split(LabPicture colors, SurfacePicture surface, CancellationToken cancellationToken)
    {
        int width = surface.Camera.Width;
        int height = surface.Camera.Height;
        int[] edges = SortedEdges(colors, surface, width, height, cancellationToken, out ushort[] weights);
        var sets = new DisjointRegions(width * height);
        foreach (int edge in edges)
        {
            int from = edge >> 2;
            (int x, int y) = StepArray[edge & 3];
            sets.JoinIfEven(from, from + y * width + x, weights[edge] / Resolution, Forgiveness);
        }

        cancellationToken.ThrowIfCancellationRequested();
        foreach (int edge in edges)
        {
            int from = edge >> 2;
            (int x, int y) = StepArray[edge & 3];
            sets.JoinIfSmall(from, from + y * width + x, MinPixels);
        }

        return Number(sets, surface);
    }

    // Edge 4·pixel + step, by ascending weight, then position; a count sort.
    private static int[] SortedEdges(
        LabPicture colors, SurfacePicture surface, int width, int height, CancellationToken cancellationToken, out ushort[] weights)
    {
        weights = new ushort[4 * width * height];
        int[] starts = new int[Levels + 1];
        for (int y = 0; y < height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int x = 0; x < width; x++)
            {
                for (int s = 0; s < 4; s++)
                {
                    int from = y * width + x;
                    int edge = 4 * from + s;
                    (int stepX, int stepY) = Steps[s];
                    int to = from + stepY * width + stepX;
                    bool inside = x + stepX >= 0 && x + stepX < width && y + stepY < height;
                    if (!inside || !surface.IsShown(from) || !surface.IsShown(to))
                    {
                        weights[edge] = Levels;
                        continue;
                    }

                    weights[edge] = Weight(PixelContrast.Between(colors, surface, from, to, stepX, stepY));
                    starts[weights[edge] + 1]++;
                }
            }
        }

        for (int level = 0; level < Levels; level++)
        {
            starts[level + 1] += starts[level];
        }

        int[] sorted = new int[starts[Levels]];
        for (int edge = 0; edge < weights.Length; edge++)
        {
            if (weights[edge] < Levels)
            {
                sorted[starts[weights[edge]]++] = edge;
            }
        }

        return sorted;
    }

    private static ushort Weight(PixelContrast contrast)
    {
        float weight = contrast.Color + GapWeight * contrast.Gap + ConcaveWeight * contrast.Concave + ConvexWeight * contrast.Convex;
        return (ushort)Math.Min(weight * Resolution, Levels - 1);
    }

    private static PixelRegions Number(DisjointRegions sets, SurfacePicture surface)
    {
        int pixels = surface.Disparity.Length;
        int[] labels = new int[pixels];
        int[] numberOfRoot = new int[pixels];
        int count = 0;
        for (int i = 0; i < pixels; i++)
        {
            if (!surface.IsShown(i))
            {
                labels[i] = -1;
                continue;
            }

            int root = sets.Find(i);
            if (numberOfRoot[root] == 0)
            {
                numberOfRoot[root] = ++count;
            }

            labels[i] = numberOfRoot[root] - 1;
        }

        return new PixelRegions(labels, count);
    }
}
