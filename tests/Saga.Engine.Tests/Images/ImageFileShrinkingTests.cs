using NetVips;
using Saga.Engine.Images;
using Saga.Tests;

namespace Saga.Engine.Tests.Images;

public sealed class ImageFileShrinkingTests
{
    [Theory]
    [InlineData(640, 480, 1, 1, 1)]
    [InlineData(640, 480, 64, 64, 48)]
    [InlineData(640, 480, 333, 333, 250)]
    [InlineData(480, 640, 333, 250, 333)]
    [InlineData(640, 480, 640, 640, 480)]
    [InlineData(37, 23, 640, 37, 23)]
    [InlineData(2000, 1, 50, 50, 1)]
    public void A_photo_keeps_its_proportions_and_is_never_enlarged(int width, int height, int maxSide, int shrunkWidth, int shrunkHeight)
    {
        RgbImage image = Halves(width, height);
        foreach (byte[] file in (byte[][])[ImageFile.EncodeJpeg(image), ImageFile.EncodePng(image), WebP(image)])
        {
            RgbImage shrunk = ImageFile.DecodeShrunk(file, maxSide);

            Assert.Equal((shrunkWidth, shrunkHeight), (shrunk.Width, shrunk.Height));
            Assert.Equal(3 * shrunkWidth * shrunkHeight, shrunk.Pixels.Length);
        }
    }

    [Fact]
    public void What_was_left_stays_left_and_keeps_its_colour()
    {
        RgbImage image = Halves(1600, 800);
        foreach (byte[] file in (byte[][])[ImageFile.EncodeJpeg(image), ImageFile.EncodePng(image), WebP(image)])
        {
            RgbImage shrunk = ImageFile.DecodeShrunk(file, 50);

            AssertNear([200, 40, 40], shrunk.Pixels.AsSpan(3 * (12 * 50 + 10), 3));
            AssertNear([40, 40, 200], shrunk.Pixels.AsSpan(3 * (12 * 50 + 40), 3));
        }
    }

    [Theory]
    [InlineData(1, 64, 32)]
    [InlineData(3, 64, 32)]
    [InlineData(6, 32, 64)]
    [InlineData(8, 32, 64)]
    public void A_turned_photo_comes_upright(byte orientation, int width, int height)
    {
        byte[] file = ImageFileTests.WithOrientation(ImageFile.EncodeJpeg(Halves(512, 256)), orientation);

        RgbImage shrunk = ImageFile.DecodeShrunk(file, 64);

        Assert.Equal((width, height), (shrunk.Width, shrunk.Height));
        byte[] first = orientation is 1 or 6 ? [200, 40, 40] : [40, 40, 200];
        AssertNear(first, shrunk.Pixels.AsSpan(3 * (4 * width + 4), 3));
    }

    [Fact]
    public void A_shrunk_photo_is_what_the_whole_one_shows()
    {
        byte[] file = File.ReadAllBytes(SharedData.Playroom("images", "view_000.jpg"));
        RgbImage whole = ImageFile.Decode(file);

        RgbImage shrunk = ImageFile.DecodeShrunk(file, 64);

        Assert.Equal((64, 48), (shrunk.Width, shrunk.Height));
        double difference = 0;
        for (int p = 0; p < shrunk.Pixels.Length; p++)
        {
            difference += Math.Abs(MeanOfBlock(whole, p / 3 % 64, p / 3 / 64, p % 3) - shrunk.Pixels[p]);
        }

        // The mean of ten by ten pixels is no better a filter than libvips', but not far from it.
        Assert.InRange(difference / shrunk.Pixels.Length, 0, 4);
    }

    [Fact]
    public void Limits_hold_for_the_photo_as_it_is_stored()
    {
        byte[] file = ImageFile.EncodeJpeg(Halves(640, 480));

        Assert.Throws<InvalidImageException>(() => ImageFile.DecodeShrunk(file, 32, new ImageLimits(MaxSide: 639)));
        Assert.Throws<InvalidImageException>(() => ImageFile.DecodeShrunk(file, 32, new ImageLimits(MaxPixels: 640 * 480 - 1)));
        Assert.Throws<InvalidImageException>(() => ImageFile.DecodeShrunk(file, 32, new ImageLimits(MaxFileBytes: 100)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.DecodeShrunk(file, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(0.95)]
    public void A_truncated_photo_is_refused(double part)
    {
        byte[] noise = new byte[3 * 400 * 300];
        new Random(7).NextBytes(noise);
        RgbImage image = new(400, 300, noise);
        foreach (byte[] file in (byte[][])[ImageFile.EncodeJpeg(image), ImageFile.EncodePng(image), WebP(image)])
        {
            Assert.Throws<InvalidImageException>(() => ImageFile.DecodeShrunk(file[..(int)(part * file.Length)], 40));
        }
    }

    private static double MeanOfBlock(RgbImage image, int blockX, int blockY, int channel)
    {
        int sum = 0;
        for (int p = 0; p < 100; p++)
        {
            sum += image.Pixels[3 * ((10 * blockY + p / 10) * image.Width + 10 * blockX + p % 10) + channel];
        }

        return sum / 100.0;
    }

    private static void AssertNear(byte[] expected, ReadOnlySpan<byte> found)
    {
        for (int c = 0; c < expected.Length; c++)
        {
            Assert.InRange(found[c], expected[c] - 6, expected[c] + 6);
        }
    }

    /// <summary>Red on the left, blue on the right.</summary>
    private static RgbImage Halves(int width, int height)
    {
        byte[] pixels = new byte[3 * width * height];
        for (int p = 0; p < width * height; p++)
        {
            byte[] color = 2 * (p % width) < width ? [200, 40, 40] : [40, 40, 200];
            color.CopyTo(pixels, 3 * p);
        }

        return new RgbImage(width, height, pixels);
    }

    private static byte[] WebP(RgbImage image)
    {
        using Image source = Image.NewFromMemory(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
        using Image rgb = source.Copy(interpretation: Enums.Interpretation.Srgb);
        return rgb.WebpsaveBuffer(q: 95);
    }
}
