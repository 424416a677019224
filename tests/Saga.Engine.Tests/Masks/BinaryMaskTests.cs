using FsCheck;
using FsCheck.Fluent;
using Saga.Engine.Masks;

namespace Saga.Tests.Masks;

[Trait("Category", "Kernel")]
public sealed class BinaryMaskTests
{
    public static TheoryData<int, int, double> Sizes => new()
    {
        { 1, 1, 0 }, { 1, 1, 1 }, { 1, 9, 0.5 }, { 9, 1, 0.5 }, { 7, 5, 0 }, { 7, 5, 1 }, { 31, 8, 0.4 }, { 32, 8, 0.6 }, { 33, 8, 0.5 },
        { 64, 3, 0.05 }, { 65, 70, 0.95 }, { 97, 41, 0.5 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Runs_answer_like_the_decoded_pixels(int width, int height, double density)
    {
        byte[] pixels = Pixels(width, height, density, seed: 7);
        BinaryMask mask = BinaryMask.FromPixels(width, height, pixels);

        byte[] decoded = new byte[width * height + 3];
        decoded.AsSpan().Fill(9);
        mask.Decode(decoded);

        Assert.Equal(pixels, decoded[..^3]);
        Assert.Equal([9, 9, 9], decoded[^3..]);
        Assert.Equal(pixels.Count(p => p != 0), mask.Area);
        Assert.Equal(mask.Area == width * height, mask.IsFull);
        int rank = 0;
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
            {
                bool set = pixels[y * width + x] != 0;
                Assert.Equal(set, mask.Contains(x, y));
                if (set)
                {
                    Assert.Equal((x, y), mask.SetPixel(rank++));
                }
            }
        }

        Assert.Equal(mask.Area, rank);
        Assert.Equal(ReferenceBounds(width, height, pixels), mask.GetBounds());
        Assert.Equal(mask.Area, mask.IntersectionArea(mask));
    }

    [Fact]
    public void Empty_runs_change_nothing()
    {
        BinaryMask plain = BinaryMask.FromRunLengths(4, 3, [2, 5, 1, 4]);
        BinaryMask withEmptyRuns = BinaryMask.FromRunLengths(4, 3, [0, 0, 2, 3, 0, 2, 1, 0, 0, 4, 0, 0, 0]);

        Assert.Equal(plain.RunEnds.ToArray(), withEmptyRuns.RunEnds.ToArray());
        Assert.Equal(9, withEmptyRuns.Area);
        Assert.Equal((0, 2), withEmptyRuns.SetPixel(0));
        Assert.False(withEmptyRuns.Contains(0, 1));
    }

    [Fact]
    public void A_first_run_of_zero_sets_the_first_pixel()
    {
        BinaryMask mask = BinaryMask.FromRunLengths(2, 2, [0, 1, 3]);

        Assert.True(mask.Contains(0, 0));
        Assert.False(mask.Contains(0, 1));
        Assert.Equal((0, 0, 1, 1), mask.GetBounds());
    }

    [Fact]
    public void A_run_over_a_column_break_reaches_top_and_bottom()
    {
        BinaryMask mask = BinaryMask.FromRunLengths(3, 4, [3, 2, 7]);

        Assert.True(mask.Contains(0, 3) && mask.Contains(1, 0));
        Assert.Equal((0, 0, 2, 4), mask.GetBounds());
    }

    [Theory]
    [InlineData(new[] { 2, 5, 1, 5 }, "overrun")]
    [InlineData(new[] { 2, 5, 1 }, "cover 8 pixels")]
    [InlineData(new[] { 2, -1, 11 }, "length -1")]
    [InlineData(new int[0], "cover 0 pixels")]
    [InlineData(new[] { int.MaxValue, int.MaxValue, int.MaxValue }, "overrun")]
    public void Wrong_runs_are_refused(int[] runs, string reason)
    {
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(() => BinaryMask.FromRunLengths(4, 3, runs));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(3, -1)]
    [InlineData(16385, 1)]
    public void Impossible_sides_are_refused(int width, int height)
    {
        Assert.Throws<InvalidMaskException>(() => BinaryMask.FromRunLengths(width, height, [3]));
        Assert.Throws<InvalidMaskException>(() => BinaryMask.FromPixels(width, height, new byte[3]));
        Assert.Throws<InvalidMaskException>(() => BinaryMask.FromRunLengths(1, 3, [3]).ResizedTo(width, height));
    }

    [Fact]
    public void Pixels_and_ranks_outside_are_refused()
    {
        BinaryMask mask = BinaryMask.FromRunLengths(4, 3, [2, 5, 5]);

        Assert.Throws<ArgumentOutOfRangeException>(() => mask.Contains(4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.Contains(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.Contains(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.SetPixel(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.SetPixel(-1));
        Assert.Throws<ArgumentException>(() => mask.Decode(new byte[11]));
    }

    [Theory]
    [InlineData(12, 9)]
    [InlineData(24, 18)]
    [InlineData(48, 36)]
    [InlineData(5, 3)]
    [InlineData(1, 1)]
    [InlineData(31, 40)]
    public void Resizing_takes_the_pixel_under_the_centre(int width, int height)
    {
        const int sourceWidth = 24;
        const int sourceHeight = 18;
        byte[] pixels = Pixels(sourceWidth, sourceHeight, 0.5, seed: 3);
        BinaryMask resized = BinaryMask.FromPixels(sourceWidth, sourceHeight, pixels).ResizedTo(width, height);

        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
            {
                int sourceX = (int)Math.Floor((x + 0.5) * sourceWidth / width);
                int sourceY = (int)Math.Floor((y + 0.5) * sourceHeight / height);
                Assert.Equal(pixels[sourceY * sourceWidth + sourceX] != 0, resized.Contains(x, y));
            }
        }
    }

    [Fact]
    public void Resizing_keeps_full_full_and_empty_empty()
    {
        Assert.True(BinaryMask.FromRunLengths(24, 18, [0, 24 * 18]).ResizedTo(101, 7).IsFull);
        Assert.Equal(0, BinaryMask.FromRunLengths(24, 18, [24 * 18]).ResizedTo(101, 7).Area);
    }

    [Fact]
    public void The_largest_mask_needs_no_more_than_an_int()
    {
        BinaryMask full = BinaryMask.FromRunLengths(16384, 16384, [0, 16384 * 16384]);

        Assert.True(full.IsFull);
        Assert.Equal((16383, 16383), full.SetPixel(full.Area - 1));
        Assert.True(full.ResizedTo(16383, 2).IsFull);
        Assert.Throws<InvalidMaskException>(
            () => BinaryMask.FromRunLengths(16384, 16384, [int.MaxValue, int.MaxValue]));
    }

    [Theory]
    [InlineData(0.1, 0.9)]
    [InlineData(0.5, 0.5)]
    [InlineData(0, 1)]
    public void Intersections_count_common_pixels(double densityA, double densityB)
    {
        byte[] a = Pixels(50, 40, densityA, seed: 1);
        byte[] b = Pixels(50, 40, densityB, seed: 2);

        int area = BinaryMask.FromPixels(50, 40, a).IntersectionArea(BinaryMask.FromPixels(50, 40, b));

        Assert.Equal(a.Zip(b).Count(pair => pair.First != 0 && pair.Second != 0), area);
        Assert.Throws<ArgumentException>(() => BinaryMask.FromPixels(50, 40, a).IntersectionArea(BinaryMask.FromPixels(40, 50, b)));
    }

    [Fact]
    public void Dense_pixels_runs_and_counts_strings_tell_the_same()
    {
        var gen = Gen.Choose(1, 40).SelectMany(width => Gen.Choose(1, 40).SelectMany(height =>
            Gen.Choose(0, 1).ListOf(width * height).Select(bits => (width, height, pixels: bits.Select(b => (byte)b).ToArray()))));
        Check.One(Config.QuickThrowOnFailure.WithReplay(20261122, 1), Prop.ForAll(Arb.From(gen), sample =>
        {
            BinaryMask mask = BinaryMask.FromPixels(sample.width, sample.height, sample.pixels);
            string counts = CocoRle.Encode(mask);
            BinaryMask again = CocoRle.Decode(sample.width, sample.height, System.Text.Encoding.ASCII.GetBytes(counts));
            byte[] decoded = new byte[sample.pixels.Length];
            again.Decode(decoded);
            return decoded.SequenceEqual(sample.pixels) && again.RunEnds.SequenceEqual(mask.RunEnds);
        }));
    }

    internal static byte[] Pixels(int width, int height, double density, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, width * height).Select(_ => (byte)(random.NextDouble() < density ? 1 : 0))];
    }

    private static (int Left, int Top, int Right, int Bottom) ReferenceBounds(int width, int height, byte[] pixels)
    {
        var set = Enumerable.Range(0, width * height).Where(i => pixels[i] != 0).Select(i => (X: i % width, Y: i / width)).ToList();
        return set.Count == 0
            ? (0, 0, 0, 0)
            : (set.Min(p => p.X), set.Min(p => p.Y), set.Max(p => p.X) + 1, set.Max(p => p.Y) + 1);
    }
}
