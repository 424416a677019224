using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Tests.Rasterization;

[Trait("Category", "Kernel")]
public sealed class RasterizerKernelTests
{
    [Fact]
    public void Exp2_is_accurate_over_the_exponents_of_gaussians_at_every_width()
    {
        AssertExp2<FloatX1>();
        AssertExp2<FloatX4>();
        AssertExp2<FloatX8>();
    }

    [Theory]   // no planes, the four in registers, and any number
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_tile_blends_bit_for_bit_alike_at_every_width(int channels)
    {
        float[] scalar = Blend<FloatX1>(channels);
        Assert.Contains(scalar, v => v is > 0.1f and < 0.9f);
        Assert.Equal(scalar, Blend<FloatX4>(channels));
        Assert.Equal(scalar, Blend<FloatX8>(channels));
    }

    [Fact]
    public void A_row_of_a_pixel_is_bit_for_bit_alike_at_every_width()
    {
        (List<int> Indices, List<float> Values) scalar = Rows<FloatX1>();
        Assert.True(scalar.Indices.Count > 500);
        Assert.Equal(scalar.Indices, Rows<FloatX4>().Indices);
        Assert.Equal(scalar.Values, Rows<FloatX4>().Values);
        Assert.Equal(scalar.Indices, Rows<FloatX8>().Indices);
        Assert.Equal(scalar.Values, Rows<FloatX8>().Values);
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

    private static unsafe void AssertExp2<T>()
        where T : unmanaged, IFloatLanes<T>
    {
        const double tolerance = 3e-7;   // the series' remainder and four roundings
        const double step = 1e-4;
        float* input = stackalloc float[T.Width];
        float* actual = stackalloc float[T.Width];
        for (double x = -20; x <= 1; x += step * T.Width)
        {
            for (int lane = 0; lane < T.Width; lane++)
            {
                input[lane] = (float)(x + step * lane);
            }

            VectorExp.Exp2(T.Load(input)).Store(actual);
            for (int lane = 0; lane < T.Width; lane++)
            {
                double expected = Math.Pow(2, input[lane]);
                Assert.True(Math.Abs(actual[lane] / expected - 1) <= tolerance, $"2^{input[lane]}: {actual[lane]} instead of {expected}");
            }
        }
    }

    // A tile at (32, 16) with Gaussians in and around it: large and small, faint and opaque.
    private static (ulong[] Entries, ProjectedGaussian[] Gaussians) Tile()
    {
        var random = new Random(31);
        var gaussians = new ProjectedGaussian[61];
        for (int i = 0; i < gaussians.Length; i++)
        {
            gaussians[i] = new ProjectedGaussian
            {
                MeanX = 32 + 24 * random.NextSingle() - 4,
                MeanY = 16 + 24 * random.NextSingle() - 4,
                WhitenXX = 0.1f + 0.5f * random.NextSingle(),
                WhitenXY = 0.4f * random.NextSingle() - 0.2f,
                WhitenYY = 0.1f + 0.5f * random.NextSingle(),
                Log2Opacity = -5 * random.NextSingle(),
                Depth = 1 + random.NextSingle(),
                Index = 1000 + i,
            };
        }

        return ([.. gaussians.Select((g, slot) => DepthSort.Entry(g.Depth, slot))], gaussians);
    }

    private static float[] Blend<T>(int channels)
        where T : unmanaged, IFloatLanes<T>
    {
        const int width = 13;
        const int height = 15;
        (ulong[] entries, ProjectedGaussian[] gaussians) = Tile();
        var random = new Random(32);
        float[] features = [.. Enumerable.Range(0, 1100 * channels).Select(_ => random.NextSingle())];
        var kernel = new BlendTileKernel(new BlendedValues([], false, features, channels));
        kernel.Run<T>(entries, gaussians, 32, 16, width, height);
        var results = new List<float>();
        for (int pixel = 0; pixel < 256; pixel++)
        {
            results.Add(kernel.Transmittance(pixel));
            results.AddRange(Enumerable.Range(0, channels).Select(c => kernel.Blended(c, pixel)));
        }

        return [.. results];
    }

    private static (List<int> Indices, List<float> Values) Rows<T>()
        where T : unmanaged, IFloatLanes<T>
    {
        (ulong[] entries, ProjectedGaussian[] gaussians) = Tile();
        var kernel = new PixelRowKernel();
        kernel.Load(entries, gaussians);
        using var rows = new RowBuffer();
        var values = new List<float>();
        for (int pixel = 0; pixel < 256; pixel++)
        {
            kernel.AppendRow<T>(new PixelPosition(32.5f + pixel % 16, 16.5f + pixel / 16), rows, out float coverage, out float depth);
            values.AddRange([coverage, depth]);
        }

        int[] indices = new int[rows.Count];
        float[] weights = new float[rows.Count];
        rows.CopyTo(0, rows.Count, indices, weights);
        values.AddRange(weights);
        return ([.. indices], values);
    }
}
