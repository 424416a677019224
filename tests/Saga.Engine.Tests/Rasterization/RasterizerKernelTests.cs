using System.Runtime.Intrinsics;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Tests.Rasterization;

[Trait("Category", "Kernel")]
public sealed class RasterizerKernelTests
{
    [Fact]
    public void Exp2_is_accurate_over_the_exponents_of_gaussians()
    {
        const double tolerance = 3e-7;   // the series' remainder and four roundings
        for (double x = -20; x <= 1; x += 1e-4)
        {
            float input = (float)x;
            float actual = VectorExp.Exp2(Vector256.Create(input))[5];
            double expected = Math.Pow(2, input);
            Assert.True(Math.Abs(actual / expected - 1) <= tolerance, $"2^{input}: {actual} instead of {expected}");
        }
    }

    [Theory]
    [InlineData(0, 1f, 2f)]
    [InlineData(1, 1f, 2f)]
    [InlineData(1000, 1f, 1f)]
    [InlineData(1000, 1f, 1.0001f)]
    [InlineData(5000, 0.2f, 4000f)]
    public void Depth_sort_equals_a_stable_sort(int count, float nearest, float farthest)
    {
        Random random = new(7);
        float[] depths = [.. Enumerable.Range(0, count)
            .Select(_ => nearest + MathF.Round(random.NextSingle() * 50) / 50 * (farthest - nearest))];
        ulong[] entries = [.. depths.Select(DepthSort.Entry)];

        ulong[] sorted = new DepthSort().Sort(entries).ToArray();

        int[] expected = [.. Enumerable.Range(0, count).OrderBy(i => depths[i])];
        Assert.Equal(expected, sorted.Select(DepthSort.Slot));
    }

    [Fact]
    public void Ellipse_tiles_hold_every_pixel_above_the_limit_and_few_others()
    {
        Random random = new(8);
        const int columns = 12, rows = 9, side = 16;
        int touched = 0, needed = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            double angle = random.NextDouble() * Math.PI;
            double major = 1 + 60 * random.NextDouble(), minor = 0.6 + 8 * random.NextDouble();
            ProjectedGaussian g = Ellipse(
                random.NextDouble() * columns * side, random.NextDouble() * rows * side, major, minor, angle, -random.NextSingle() * 7);
            bool[] visited = new bool[columns * rows];
            Collector collector = new(visited);

            EllipseTiles.Visit(in g, Box(in g, columns, rows), columns, ref collector);

            for (int tile = 0; tile < visited.Length; tile++)
            {
                bool reaches = TileReaches(in g, tile % columns * side, tile / columns * side, side);
                Assert.True(visited[tile] || !reaches, $"trial {trial}: tile {tile} is missing");
                touched += visited[tile] ? 1 : 0;
                needed += reaches ? 1 : 0;
            }
        }

        Assert.True(touched <= 1.02 * needed, $"{touched} tiles visited, {needed} needed");
    }

    private static ProjectedGaussian Ellipse(double x, double y, double major, double minor, double angle, float log2Opacity)
    {
        double cos = Math.Cos(angle), sin = Math.Sin(angle);
        double xx = major * major * cos * cos + minor * minor * sin * sin;
        double yy = major * major * sin * sin + minor * minor * cos * cos;
        double xy = (major * major - minor * minor) * cos * sin;
        double conditional = xx - xy * xy / yy, root = Math.Sqrt(0.5 / Math.Log(2));
        return new ProjectedGaussian
        {
            MeanX = (float)x,
            MeanY = (float)y,
            WhitenXX = (float)(root / Math.Sqrt(conditional)),
            WhitenXY = (float)(-xy / yy * root / Math.Sqrt(conditional)),
            WhitenYY = (float)(root / Math.Sqrt(yy)),
            Log2Opacity = log2Opacity,
        };
    }

    private static Engine.Rasterization.TileRectangle Box(in ProjectedGaussian g, int columns, int rows)
    {
        double reach = Math.Sqrt(BlendLimits.MaxExponent(g.Log2Opacity));
        double halfHeight = reach / g.WhitenYY;
        double tilt = (double)g.WhitenXY / g.WhitenYY;
        double halfWidth = reach * Math.Sqrt(1 + tilt * tilt) / g.WhitenXX;
        ushort Tile(double pixel, int count) => (ushort)Math.Clamp(Math.Floor(pixel / 16), 0, count - 1);
        return new(
            Tile(g.MeanX - halfWidth, columns), Tile(g.MeanY - halfHeight, rows),
            Tile(g.MeanX + halfWidth, columns), Tile(g.MeanY + halfHeight, rows));
    }

    /// <summary>Whether q ≤ log₂σ + log₂255 somewhere in the tile: sampled densely, edges included.</summary>
    private static bool TileReaches(in ProjectedGaussian g, double left, double top, int side)
    {
        for (double y = 0; y <= side; y += 0.125)
        {
            double dy = top + y - g.MeanY, r = g.WhitenYY * dy;
            double rest = g.Log2Opacity + Math.Log2(255) - r * r;
            if (rest < 0)
            {
                continue;
            }

            double middle = g.MeanX - g.WhitenXY * dy / g.WhitenXX, half = Math.Sqrt(rest) / g.WhitenXX;
            if (middle + half >= left && middle - half <= left + side)
            {
                return true;
            }
        }

        return false;
    }

    private readonly struct Collector(bool[] visited) : ITileVisitor
    {
        public void Begin(float depth, int slot)
        {
        }

        public void Visit(int first, int last) => visited.AsSpan(first, last - first + 1).Fill(true);
    }
}
