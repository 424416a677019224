using Saga.Engine.Masks;
using Saga.Engine.Rasterization;

namespace Saga.Tests.Masks;

public sealed class MaskMembershipTests
{
    [Theory]   // below, at and above a word
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(130)]
    public void Bits_say_which_masks_contain_a_pixel(int maskCount)
    {
        const int width = 53;
        const int height = 37;
        BinaryMask[] masks = [.. Enumerable.Range(0, maskCount).Select(m => BinaryMask.FromPixels(
            width, height, m % 3 == 0 ? Disk(width, height, m) : BinaryMaskTests.Pixels(width, height, m / (double)maskCount, m)))];
        var membership = new MaskMembership(masks, width, height);
        var random = new Random(4);
        PixelPosition[] pixels = [.. Enumerable.Range(0, 300).Select(_ =>
            new PixelPosition(random.Next(width) + 0.5f, random.Next(height) + 0.5f))];
        pixels[7] = pixels[8];
        pixels[9] = new PixelPosition(0, 0);
        pixels[10] = new PixelPosition(width - 0.01f, height - 0.01f);
        ulong[] bits = new ulong[pixels.Length * membership.WordCount + 1];
        bits.AsSpan().Fill(ulong.MaxValue);

        membership.Fill(pixels, bits);

        Assert.Equal(ulong.MaxValue, bits[^1]);
        for (int p = 0; p < pixels.Length; p++)
        {
            for (int m = 0; m < membership.WordCount * 64; m++)
            {
                bool expected = m < maskCount && masks[m].Contains((int)pixels[p].X, (int)pixels[p].Y);
                Assert.Equal(expected, (bits[p * membership.WordCount + m / 64] >> (m % 64) & 1) == 1);
            }
        }
    }

    [Fact]
    public void A_mask_at_another_resolution_is_asked_at_the_pixel_under_the_centre()
    {
        BinaryMask small = BinaryMask.FromRunLengths(2, 2, [1, 2, 1]);
        var membership = new MaskMembership([small], 4, 6);
        ulong[] bits = new ulong[2];

        membership.Fill([new PixelPosition(0.5f, 2.5f), new PixelPosition(1.5f, 3.5f)], bits);

        Assert.Equal([0UL, 1UL], bits);
        Assert.Equal(12, membership.Masks[0].Area);
        Assert.Equal(new PixelPosition(0.5f, 3.5f), membership.PixelOf(0, 0));
    }

    [Fact]
    public void Every_set_pixel_is_drawn_by_exactly_one_rank()
    {
        BinaryMask mask = BinaryMask.FromPixels(40, 30, BinaryMaskTests.Pixels(40, 30, 0.5, seed: 8));
        var membership = new MaskMembership([mask], 40, 30);

        PixelPosition[] drawn = [.. Enumerable.Range(0, mask.Area).Select(rank => membership.PixelOf(0, rank))];

        Assert.Equal(mask.Area, drawn.Distinct().Count());
        Assert.All(drawn, pixel => Assert.True(mask.Contains((int)pixel.X, (int)pixel.Y)));
    }

    [Fact]
    public void No_masks_and_no_pixels_are_fine()
    {
        new MaskMembership([], 4, 4).Fill([new PixelPosition(1, 1)], []);
        new MaskMembership([BinaryMask.FromRunLengths(4, 4, [16])], 4, 4).Fill([], []);
    }

    [Theory]
    [InlineData(-0.5f, 1)]
    [InlineData(4, 1)]
    [InlineData(1, 4)]
    [InlineData(float.NaN, 1)]
    [InlineData(1, float.PositiveInfinity)]
    public void A_position_outside_the_view_is_refused(float x, float y)
    {
        var membership = new MaskMembership([BinaryMask.FromRunLengths(4, 4, [0, 16])], 4, 4);
        Assert.Throws<ArgumentException>(() => membership.Fill([new PixelPosition(x, y)], new ulong[1]));
    }

    private static byte[] Disk(int width, int height, int m) =>
        [.. Enumerable.Range(0, width * height).Select(i =>
            (byte)(Math.Pow(i % width - m % width, 2) + Math.Pow(i / width - 15, 2) < 30 + 3 * m ? 1 : 0))];
}
