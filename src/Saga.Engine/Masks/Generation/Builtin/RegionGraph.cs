namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>The regions of a picture and their boundaries.</summary>
internal sealed class RegionGraph
{
    /// <summary>Puts a graph together.</summary>
    public RegionGraph(RegionStatistics[] regions, IReadOnlyList<RegionBoundary> boundaries)
    {
        Regions = regions;
        Boundaries = boundaries;
    }

    /// <summary>The regions.</summary>
    public RegionStatistics[] Regions { get; }

    /// <summary>One entry a pair of regions that touch, by first pixel.</summary>
    public IReadOnlyList<RegionBoundary> Boundaries { get; }

    /// <summary>Sums up a picture.</summary>
    public static RegionGraph Of(PixelRegions regions, LabPicture colors, SurfacePicture surface, CancellationToken cancellationToken)
    {
        int width = surface.Camera.Width;
        int height = surface.Camera.Height;
        var statistics = new RegionStatistics[regions.Count];
        var sums = new List<RegionBoundary>();
        var indexOf = new Dictionary<long, int>();
        for (int y = 0; y < height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int x = 0; x < width; x++)
            {
                int from = y * width + x;
                int region = regions.Labels[from];
                if (region < 0)
                {
                    continue;
                }

                statistics[region].Add(colors.Values.AsSpan(3 * from, 3), surface.Point(from));
                foreach ((int stepX, int stepY) in PixelRegions.Steps)
                {
                    int to = from + stepY * width + stepX;
                    bool isInside = x + stepX >= 0 && x + stepX < width && y + stepY < height;
                    int other = isInside ? regions.Labels[to] : -1;
                    if (other < 0 || other == region)
                    {
                        continue;
                    }

                    long key = ((long)Math.Min(region, other) << 32) | (uint)Math.Max(region, other);
                    if (!indexOf.TryGetValue(key, out int index))
                    {
                        index = sums.Count;
                        indexOf.Add(key, index);
                        sums.Add(new RegionBoundary(Math.Min(region, other), Math.Max(region, other), default));
                    }

                    BoundaryStatistics boundary = sums[index].Statistics;
                    double depth = 1.0 / MathF.Max(surface.Disparity[from], surface.Disparity[to]);
                    boundary.Add(PixelContrast.Between(colors, surface, from, to, stepX, stepY), depth);
                    sums[index] = sums[index] with { Statistics = boundary };
                }
            }
        }

        return new RegionGraph(statistics, sums);
    }
}

/// <summary>Two regions that touch.</summary>
/// <param name="First">The lower number.</param>
/// <param name="Second">The higher number.</param>
/// <param name="Statistics">What is seen along their boundary.</param>
internal readonly record struct RegionBoundary(int First, int Second, BoundaryStatistics Statistics);
