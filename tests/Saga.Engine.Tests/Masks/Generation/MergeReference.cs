using Saga.Engine.Masks.Generation.Builtin;

namespace Saga.Tests.Masks.Generation;

/// <summary>The merge tree straight from the formula: every cost from the pixels, every time.</summary>
internal static class MergeReference
{
    /// <summary>A merge: the numbers of the two regions, the lower first, and its cost.</summary>
    internal readonly record struct Merge(int First, int Second, double Cost);

    public static List<Merge> Run(PixelRegions regions, LabPicture colors, SurfacePicture surface)
    {
        int[] labels = [.. regions.Labels];
        var costOf = Enumerable.Range(0, regions.Count).ToDictionary(i => i, _ => 0.0);
        var merges = new List<Merge>();
        for (int next = regions.Count; ; next++)
        {
            (double Cost, int First, int Second)? cheapest = null;
            int[] living = [.. costOf.Keys.Order()];
            foreach (int first in living)
            {
                foreach (int second in living.Where(s => s > first))
                {
                    double? cost = Cost(labels, first, second, colors, surface);
                    if (cost is not null && (cheapest is null || (cost.Value, first, second).CompareTo(cheapest.Value) < 0))
                    {
                        cheapest = (cost.Value, first, second);
                    }
                }
            }

            if (cheapest is not (double lowest, int a, int b))
            {
                return merges;
            }

            double height = Math.Max(lowest, Math.Max(costOf[a], costOf[b]));
            merges.Add(new Merge(a, b, height));
            costOf.Remove(a);
            costOf.Remove(b);
            costOf.Add(next, height);
            labels = [.. labels.Select(label => label == a || label == b ? next : label)];
        }
    }

    // Null where the regions do not touch.
    private static double? Cost(int[] labels, int first, int second, LabPicture colors, SurfacePicture surface)
    {
        (int width, int height) = (surface.Camera.Width, surface.Camera.Height);
        var pairs = new List<(double Color, double Gap, double Concave, double Convex)>();
        for (int i = 0; i < labels.Length; i++)
        {
            foreach ((int dx, int dy) in ((int, int)[])[(1, 0), (-1, 1), (0, 1), (1, 1)])
            {
                (int x, int y) = (i % width + dx, i / width + dy);
                int j = y * width + x;
                bool isInside = x >= 0 && x < width && y < height;
                if (isInside && ((labels[i], labels[j]) == (first, second) || (labels[j], labels[i]) == (first, second)))
                {
                    PixelContrast contrast = PixelContrast.Between(colors, surface, i, j, dx, dy);
                    double nearer = 1.0 / Math.Max(surface.Disparity[i], surface.Disparity[j]);
                    double gap = nearer * contrast.Gap / (1.0 - contrast.Gap);
                    pairs.Add((contrast.Color, gap, contrast.Concave, contrast.Convex));
                }
            }
        }

        if (pairs.Count == 0)
        {
            return null;
        }

        Region a = Region.Of(labels, first, colors, surface);
        Region b = Region.Of(labels, second, colors, surface);
        double color = Distance(a.Color, b.Color) / (5 + 0.25 * (a.ColorDeviation + b.ColorDeviation));
        double edge = pairs.Average(p => p.Color) / 12;
        double extent = Math.Min(a.Extent, b.Extent) + 1e-3 * Math.Min(a.Distance, b.Distance);
        double relativeGap = pairs.Average(p => p.Gap) / extent;
        double reasons = color / (1 + color / 8) + edge / (1 + edge / 4) + 5 * relativeGap / (1 + relativeGap)
            + 2 * pairs.Average(p => p.Concave) + 0.3 * pairs.Average(p => p.Convex);
        return Math.Sqrt(Math.Min(a.Count, b.Count) / 1000.0) * reasons;
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    private sealed record Region(int Count, double[] Color, double ColorDeviation, double Extent, double Distance)
    {
        public static Region Of(int[] labels, int label, LabPicture colors, SurfacePicture surface)
        {
            int[] pixels = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] == label)];
            double[][] lab = [.. pixels.Select(i => colors.Values.Skip(3 * i).Take(3).Select(v => (double)v).ToArray())];
            double[][] points = [.. pixels.Select(surface.Point).Select(p => new double[] { p.X, p.Y, p.Z })];
            double[] middle = Mean(points);
            return new Region(
                pixels.Length, Mean(lab), Deviation(lab), 2 * Deviation(points), Math.Sqrt(middle.Sum(v => v * v)));
        }

        private static double[] Mean(double[][] values) => [.. Enumerable.Range(0, 3).Select(k => values.Average(v => v[k]))];

        private static double Deviation(double[][] values)
        {
            double[] mean = Mean(values);
            return Math.Sqrt(values.Average(v => Enumerable.Range(0, 3).Sum(k => (v[k] - mean[k]) * (v[k] - mean[k]))));
        }
    }
}
