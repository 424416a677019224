using Saga.Engine.Images;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Tests.Images;

public sealed class ColorMapsTests
{
    [Fact]
    public void Colour_is_clamped_to_bytes()
    {
        RenderedImage image = new() { Width = 1, Height = 2, Color = [0, 0.5f, 1, -3, 7, float.NaN] };

        Assert.Equal([0, 128, 255, 0, 255, 0], ColorMaps.Color(image).Pixels);
    }

    [Fact]
    public void Near_is_lighter_than_far_and_nothing_is_black()
    {
        RenderedImage image = new() { Width = 4, Height = 1, Depth = [1, 2, 3, 0] };

        byte[] pixels = ColorMaps.Depth(image).Pixels;

        int[] brightness = [.. pixels.Chunk(3).Select(p => p[0] + p[1] + p[2])];
        Assert.True(brightness[0] > brightness[1] && brightness[1] > brightness[2] && brightness[2] > 0);
        Assert.Equal(0, brightness[3]);
    }

    [Fact]
    public void One_depth_everywhere_is_a_flat_picture() =>
        Assert.Equal(2, ColorMaps.Depth(new() { Width = 3, Height = 1, Depth = [2, 2, 0] }).Pixels.Chunk(3).DistinctBy(p => p[0]).Count());

    [Fact]
    public void Alike_features_get_alike_colours_and_unlike_ones_differ()
    {
        const int channels = 32, count = 90;
        Random random = new(1);
        float[] features = new float[channels * count];
        for (int p = 0; p < count; p++)
        {
            for (int c = 0; c < channels; c++)
            {
                features[p * channels + c] = (c % 3 == p % 3 ? 1 : 0) + 0.01f * random.NextSingle();
            }
        }

        features.AsSpan(0, channels).Clear();
        RenderedImage image = new() { Width = count, Height = 1, Features = features, FeatureChannels = channels };

        byte[][] colors = [.. ColorMaps.Features(image).Pixels.Chunk(3)];

        Assert.Equal([0, 0, 0], colors[0]);
        int Difference(int a, int b) => Math.Abs(colors[a][0] - colors[b][0]) + Math.Abs(colors[a][1] - colors[b][1]);
        for (int p = 4; p < count; p++)
        {
            Assert.InRange(Difference(p, 1 + (p + 2) % 3), 0, 12);
            Assert.InRange(Difference(p, 1 + p % 3), 60, 512);
        }

        Assert.Equal(colors, ColorMaps.Features(image).Pixels.Chunk(3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Few_channels_and_constant_features_are_fine(int channels)
    {
        float[] features = new float[channels * 10];
        features.AsSpan().Fill(0.7f);

        RgbImage picture = ColorMaps.Features(new() { Width = 5, Height = 2, Features = features, FeatureChannels = channels });

        Assert.Equal(30, picture.Pixels.Length);
    }

    [Fact]
    public void What_was_not_rendered_can_not_be_shown()
    {
        RenderedImage empty = new() { Width = 2, Height = 2 };

        Assert.Throws<ArgumentException>(() => ColorMaps.Color(empty));
        Assert.Throws<ArgumentException>(() => ColorMaps.Depth(empty));
        Assert.Throws<ArgumentException>(() => ColorMaps.Features(empty));
    }
}
