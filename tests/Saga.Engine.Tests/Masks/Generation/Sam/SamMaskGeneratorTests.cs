using System.Text.Json;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation.Sam;
using Saga.Engine.Onnx;
using static Saga.Tests.Onnx.ColorSam;

namespace Saga.Engine.Tests.Masks.Generation.Sam;

public sealed class SamMaskGeneratorTests : IDisposable
{
    // A disc and a block of two halves each, alike enough for the middle tolerance.
    private static readonly (int, int, int) Red = (200, 40, 40), DarkRed = (214, 70, 58), Green = (40, 170, 60), LightGreen = (52, 190, 84);

    /// <summary>Takes many points a run and enlarges nothing: as quick as it gets.</summary>
    private static readonly DecoderForm Quick = new(Batches: true, FullMasks: false);

    private readonly string _models = Directory.CreateTempSubdirectory("saga-sam-").FullName;

    public void Dispose() => Directory.Delete(_models, true);

    [Fact]
    public void Whole_pictures_give_the_masks_that_the_published_steps_give()
    {
        Install(_models, decoder: Quick);
        foreach (JsonElement golden in SamFixtures.Of("generated").EnumerateArray())
        {
            var options = new SamOptions
            {
                PointsPerSide = golden.Int("perSide"),
                CropLayers = golden.Int("layers"),
                CropPointsDownscaleFactor = golden.Int("factor"),
                MinRegionArea = golden.Int("minArea"),
            };
            using SamMaskGenerator generator = Open(options);

            IReadOnlyList<BinaryMask> masks = generator.Generate(SamFixtures.View(SamFixtures.Shapes()), default);

            JsonElement expected = golden.GetProperty("masks");
            Assert.InRange(masks.Count, 4, 20);
            Assert.Equal(expected.GetArrayLength(), masks.Count);
            for (int i = 0; i < masks.Count; i++)
            {
                // Same masks in the same order; single pixels at borders may round to the other side.
                Assert.Equal(expected[i].Int("area"), masks[i].Area, 2.0);
                int[] box = expected[i].Ints("box");
                Assert.Equal(new PixelBox(box[0], box[1], box[2], box[3]), PixelBox.Of(masks[i]));
            }
        }
    }

    [Theory]
    [InlineData(EncoderForm.Bare, 4, false, true, true, true)]
    [InlineData(EncoderForm.Bare, 4, true, true, true, false)]
    [InlineData(EncoderForm.Bare, 3, true, false, true, true)]
    [InlineData(EncoderForm.Bare, 3, false, true, false, true)]
    [InlineData(EncoderForm.RawChannelsLast, 4, false, true, true, true)]
    [InlineData(EncoderForm.RawChannelsFirst, 3, true, true, false, false)]
    public void Every_form_of_export_finds_each_shape(
        EncoderForm encoder, int masksPerPoint, bool batches, bool lowMasks, bool fullMasks, bool openShapes)
    {
        Install(_models, encoder, new DecoderForm(masksPerPoint, batches, lowMasks, fullMasks, openShapes));
        using SamMaskGenerator generator = Open(new SamOptions { PointsPerSide = 8 });
        RgbImage picture = Halves();

        IReadOnlyList<BinaryMask> masks = generator.Generate(SamFixtures.View(picture), default);

        AssertFinds(masks, picture, Red, DarkRed);
        AssertFinds(masks, picture, Red);
        AssertFinds(masks, picture, DarkRed);
        AssertFinds(masks, picture, Green, LightGreen);
        AssertFinds(masks, picture, Green);
        AssertFinds(masks, picture, LightGreen);
        Assert.DoesNotContain(masks, mask => mask.IsFull);   // the mask for many points
    }

    [Fact]
    public void A_decoder_that_returns_one_mask_gives_one_granularity()
    {
        Install(_models, decoder: new DecoderForm(Masks: 1, FullMasks: false));
        using SamMaskGenerator generator = Open(new SamOptions { PointsPerSide = 8 });
        RgbImage picture = Halves();

        IReadOnlyList<BinaryMask> masks = generator.Generate(SamFixtures.View(picture), default);

        AssertFinds(masks, picture, Red, DarkRed);
        Assert.True(BestIou(masks, picture, Red) < 0.6);
    }

    [Fact]
    public void The_same_picture_gives_the_same_masks_and_no_two_are_equal()
    {
        Install(_models, decoder: Quick);
        using SamMaskGenerator first = Open(new SamOptions { PointsPerSide = 12 });
        using SamMaskGenerator second = SamMaskGenerator.Open(new ModelFolder(_models, "sam"), new SamOptions { PointsPerSide = 12 }, maxThreads: 1);
        RgbImage picture = SamFixtures.Shapes();

        int[][] masks = Runs(first.Generate(SamFixtures.View(picture), default));

        Assert.NotEmpty(masks);
        Assert.Equal(masks.Length, masks.Select(m => string.Join(',', m)).Distinct().Count());
        Assert.Equal(masks, Runs(first.Generate(SamFixtures.View(picture), default)));
        Assert.Equal(masks, Runs(second.Generate(SamFixtures.View(picture), default)));
    }

    [Fact]
    public void Batches_change_nothing_but_the_speed()
    {
        Install(_models, decoder: Quick);
        using SamMaskGenerator batched = Open(new SamOptions { PointsPerSide = 12, PointsPerBatch = 50 });
        using SamMaskGenerator single = Open(new SamOptions { PointsPerSide = 12, PointsPerBatch = 1 });

        Assert.Equal(
            Runs(single.Generate(SamFixtures.View(SamFixtures.Shapes()), default)),
            Runs(batched.Generate(SamFixtures.View(SamFixtures.Shapes()), default)));
        Assert.Equal(single.Fingerprint, batched.Fingerprint);
    }

    [Theory]   // smaller than anything expected, and flat
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(300, 2)]
    [InlineData(64, 64)]
    public void Pictures_of_one_colour_and_of_few_pixels_give_at_most_the_whole(int width, int height)
    {
        Install(_models, decoder: Quick);
        using SamMaskGenerator generator = Open(new SamOptions { PointsPerSide = 4, CropLayers = 1 });
        byte[] grey = new byte[3 * width * height];
        Array.Fill(grey, (byte)99);

        IReadOnlyList<BinaryMask> masks = generator.Generate(SamFixtures.View(new RgbImage(width, height, grey)), default);

        Assert.InRange(masks.Count, 0, 1);
        Assert.All(masks, mask => Assert.True(mask.IsFull));
    }

    [Fact]
    public void The_fingerprint_names_the_models_content_and_the_options()
    {
        Install(_models);
        string original = FingerprintOf(new SamOptions());
        string sameAgain = FingerprintOf(new SamOptions { PointsPerBatch = 7 });
        string otherOption = FingerprintOf(new SamOptions { StabilityThreshold = 0.9f });
        string decoder = Path.Combine(_models, "sam", "decoder.onnx");
        File.WriteAllBytes(decoder, Decoder(new DecoderForm(Masks: 3)));
        string otherModel = FingerprintOf(new SamOptions());

        Assert.StartsWith("sam-1-", original);
        Assert.Equal(original, sameAgain);
        Assert.Equal(3, new[] { original, otherOption, otherModel }.Distinct().Count());
    }

    [Fact]
    public void A_picture_is_useful_up_to_what_the_encoder_sees_of_it()
    {
        Install(_models);
        using SamMaskGenerator whole = Open(new SamOptions());
        using SamMaskGenerator crops = Open(new SamOptions { CropLayers = 2 });

        Assert.Equal(1024, whole.UsefulSide);
        Assert.Equal(4096, crops.UsefulSide);
        Assert.StartsWith("CPU, ", whole.Provider);
    }

    [Fact]
    public void Cancelling_stops_before_the_next_answer()
    {
        Install(_models);
        using SamMaskGenerator generator = Open(new SamOptions());
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => generator.Generate(SamFixtures.View(SamFixtures.Shapes()), stop.Token));
    }

    [Fact]
    public void Cancelling_stops_in_the_middle_of_a_picture()
    {
        Install(_models, decoder: new DecoderForm());
        using SamMaskGenerator generator = Open(new SamOptions { PointsPerSide = 256 });
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        // 65,536 points would take minutes.
        Assert.ThrowsAny<OperationCanceledException>(() => generator.Generate(SamFixtures.View(SamFixtures.Shapes()), stop.Token));
    }

    [Fact]
    public void Masks_are_never_all_decoded()
    {
        Install(_models, decoder: new DecoderForm(FullMasks: false));
        using SamMaskGenerator generator = Open(new SamOptions
        {
            PointsPerSide = 16,
            PredictedIouThreshold = 0,
            StabilityThreshold = 0,
            MinRegionArea = 0,
        });
        RgbImage shapes = SamFixtures.Shapes();
        var picture = new RgbImage(960, 720, ByteResize.Rgb(shapes.Pixels, 240, 180, 960, 720));
        generator.Generate(SamFixtures.View(picture), default);

        // Everything allocated, garbage included, with nothing filtered: 256 points × 3 masks of 0.69 MB would be 530 MB decoded.
        long before = GC.GetAllocatedBytesForCurrentThread();
        generator.Generate(SamFixtures.View(picture), default);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 1, 100_000_000);
    }

    [Theory]
    [InlineData(nameof(SamOptions.PointsPerSide))]
    [InlineData(nameof(SamOptions.PredictedIouThreshold))]
    [InlineData(nameof(SamOptions.CropLayers))]
    public void Options_out_of_range_are_refused_by_name(string name)
    {
        SamOptions options = name switch
        {
            nameof(SamOptions.PointsPerSide) => new SamOptions { PointsPerSide = 0 },
            nameof(SamOptions.PredictedIouThreshold) => new SamOptions { PredictedIouThreshold = float.NaN },
            _ => new SamOptions { CropLayers = 4 },
        };

        Assert.Contains(name, Assert.Throws<ArgumentException>(() => Open(options)).Message);
    }

    private SamMaskGenerator Open(SamOptions options) => SamMaskGenerator.Open(new ModelFolder(_models, "sam"), options);

    private string FingerprintOf(SamOptions options)
    {
        using SamMaskGenerator generator = Open(options);
        return generator.Fingerprint;
    }

    private static int[][] Runs(IReadOnlyList<BinaryMask> masks) => [.. masks.Select(mask => mask.RunEnds.ToArray())];

    /// <summary>A border pixel of the decoder's 256 is about one of the picture: 3 % of these shapes.</summary>
    private static void AssertFinds(IReadOnlyList<BinaryMask> masks, RgbImage picture, params (int, int, int)[] colors) =>
        Assert.InRange(BestIou(masks, picture, colors), 0.93, 1);

    private static RgbImage Halves()
    {
        var picture = new RgbImage(320, 240, new byte[3 * 320 * 240]);
        for (int i = 0; i < 320 * 240; i++)
        {
            int x = i % 320, y = i / 320;
            (int R, int G, int B) color = (96, 128, 160);
            color = (x - 90) * (x - 90) + (y - 90) * (y - 90) < 60 * 60 ? x < 90 ? Red : DarkRed : color;
            color = x > 180 && x < 300 && y > 40 && y < 200 ? y < 120 ? Green : LightGreen : color;
            (picture.Pixels[3 * i], picture.Pixels[3 * i + 1], picture.Pixels[3 * i + 2]) = ((byte)color.R, (byte)color.G, (byte)color.B);
        }

        return picture;
    }

    /// <summary>The best IoU of a mask with the pixels of some colours.</summary>
    private static double BestIou(IReadOnlyList<BinaryMask> masks, RgbImage picture, params (int R, int G, int B)[] colors)
    {
        byte[] pixels = new byte[picture.Width * picture.Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = colors.Contains((picture.Pixels[3 * i], picture.Pixels[3 * i + 1], picture.Pixels[3 * i + 2])) ? (byte)1 : (byte)0;
        }

        var truth = BinaryMask.FromPixels(picture.Width, picture.Height, pixels);
        return masks.Max(mask =>
        {
            int both = mask.IntersectionArea(truth);
            return (double)both / (mask.Area + truth.Area - both);
        });
    }
}
