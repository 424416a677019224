using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation.Sam;
using Saga.Engine.Onnx;
using Saga.Tests;
using Saga.Tests.Onnx;

namespace Saga.Engine.Tests.Masks.Generation.Sam;

/// <summary>A real photo, through the whole way. With <c>SAGA_PICTURES=FOLDER</c> it leaves a picture of the masks there.</summary>
public sealed class PlayroomSamTests : IDisposable
{
    private readonly string _models = Directory.CreateTempSubdirectory("saga-sam-").FullName;

    public void Dispose() => Directory.Delete(_models, true);

    [Fact]
    public void A_photo_gives_masks_of_several_sizes_that_follow_its_colours()
    {
        ColorSam.Install(_models, decoder: new ColorSam.DecoderForm(Batches: true, FullMasks: false));
        using var generator = SamMaskGenerator.Open(
            new ModelFolder(_models, SamMaskGenerator.ModelName), new SamOptions { StabilityThreshold = 0.8f });
        RgbImage photo = ImageFile.Decode(File.ReadAllBytes(Directory.EnumerateFiles(SharedData.Playroom("images")).Order().First()));

        IReadOnlyList<BinaryMask> masks = generator.Generate(SamFixtures.View(photo), default);

        if (Environment.GetEnvironmentVariable("SAGA_PICTURES") is { Length: > 0 } folder)
        {
            File.WriteAllBytes(Path.Combine(folder, "sam-playroom.png"), ImageFile.EncodePng(Painted(photo, masks)));
        }

        Assert.InRange(masks.Count, 5, 500);
        Assert.All(masks, mask => Assert.Equal((photo.Width, photo.Height), (mask.Width, mask.Height)));
        Assert.True(masks.Max(mask => mask.Area) > 20 * masks.Min(mask => mask.Area));

        // Inside a mask colours differ less than in the photo: what the model promises, at the pixels that it promises it for.
        double whole = Spread(photo, null);
        Assert.All(masks.Where(mask => mask.Area < photo.Width * photo.Height / 4), mask => Assert.InRange(Spread(photo, mask), 0, 0.7 * whole));
    }

    /// <summary>Standard deviation of the colour, all channels together.</summary>
    private static double Spread(RgbImage photo, BinaryMask? mask)
    {
        double variance = 0;
        for (int channel = 0; channel < 3; channel++)
        {
            double sum = 0, squares = 0;
            int count = mask?.Area ?? photo.Width * photo.Height;
            for (int i = 0; i < count; i++)
            {
                (int x, int y) = mask?.SetPixel(i) ?? (i % photo.Width, i / photo.Width);
                double value = photo.Pixels[3 * (y * photo.Width + x) + channel];
                sum += value;
                squares += value * value;
            }

            variance += squares / count - sum / count * (sum / count);
        }

        return Math.Sqrt(Math.Max(0, variance));
    }

    /// <summary>The photo, and beside it every mask in a colour of its own, small ones on top.</summary>
    private static RgbImage Painted(RgbImage photo, IReadOnlyList<BinaryMask> masks)
    {
        var painted = new RgbImage(2 * photo.Width, photo.Height, new byte[6 * photo.Width * photo.Height]);
        Random random = new(3);
        byte[] right = new byte[photo.Pixels.Length];
        foreach (BinaryMask mask in masks.OrderByDescending(mask => mask.Area))
        {
            byte[] color = [(byte)random.Next(40, 256), (byte)random.Next(40, 256), (byte)random.Next(40, 256)];
            for (int i = 0; i < mask.Area; i++)
            {
                (int x, int y) = mask.SetPixel(i);
                color.CopyTo(right, 3 * (y * photo.Width + x));
            }
        }

        for (int y = 0; y < photo.Height; y++)
        {
            Span<byte> row = painted.Pixels.AsSpan(6 * y * photo.Width);
            photo.Pixels.AsSpan(3 * y * photo.Width, 3 * photo.Width).CopyTo(row);
            right.AsSpan(3 * y * photo.Width, 3 * photo.Width).CopyTo(row[(3 * photo.Width)..]);
        }

        return painted;
    }
}
