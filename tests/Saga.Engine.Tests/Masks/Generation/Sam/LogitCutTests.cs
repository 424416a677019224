using Microsoft.ML.OnnxRuntime;
using Saga.Engine.Masks.Generation.Sam;
using Saga.Tests.Onnx;

namespace Saga.Engine.Tests.Masks.Generation.Sam;

public sealed class LogitCutTests
{
    /// <summary>Float blends of logits up to about 6 differ by some 1e-6; nearer than this to a cut either side is right.</summary>
    private const double Tolerance = 1e-5;

    [Trait("Category", "Kernel")]
    [Theory]   // widths below, at and above whole blocks of 32; tall, flat, reduced and enlarged pictures
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(31, 33)]
    [InlineData(32, 7)]
    [InlineData(33, 100)]
    [InlineData(640, 480)]
    [InlineData(1500, 40)]
    [InlineData(40, 2000)]
    public void Cuts_what_the_double_precision_reference_cuts(int width, int height)
    {
        float[] logits = SamFixtures.Logits(3);
        var frame = SamFrame.Of(width, height);
        var cut = new LogitCut(frame);

        float stability = cut.FromLowResolution(logits);

        int certain = 0, possible = 0, unsure = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double expected = Enlarged(logits, frame, x, y);
                certain += expected > 1 ? 1 : 0;
                possible += expected > -1 ? 1 : 0;
                unsure += Math.Min(Math.Abs(expected - 1), Math.Abs(expected + 1)) < Tolerance ? 1 : 0;
                if (Math.Abs(expected) > Tolerance)
                {
                    Assert.True(expected > 0 == (cut.Pixels[y * width + x] != 0), $"({x}, {y}): {expected}");
                }
            }
        }

        if (possible == 0)
        {
            Assert.True(float.IsNaN(stability));
        }
        else
        {
            Assert.Equal((double)certain / possible, stability, (double)(unsure + 1e-3) / possible);
        }
    }

    [Theory]
    [InlineData(640, 480)]
    [InlineData(333, 517)]
    public void Cuts_as_a_decoder_that_enlarges_itself(int width, int height)
    {
        // ONNX Runtime's own Resize, twice and with the cut between, as the official export has it.
        using var session = new InferenceSession(ColorSam.Decoder(new ColorSam.DecoderForm(Masks: 3)));
        Random random = new(1);
        float[] embedding = [.. Enumerable.Range(0, 256 * 64 * 64).Select(_ => 2 * random.NextSingle())];
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(
            new RunOptions(),
            new Dictionary<string, OrtValue>
            {
                ["image_embeddings"] = OrtValue.CreateTensorValueFromMemory(embedding, [1, 256, 64, 64]),
                ["point_coords"] = OrtValue.CreateTensorValueFromMemory<float>([300, 200, 0, 0], [1, 2, 2]),
                ["point_labels"] = OrtValue.CreateTensorValueFromMemory<float>([1, -1], [1, 2]),
                ["mask_input"] = OrtValue.CreateTensorValueFromMemory(new float[256 * 256], [1, 1, 256, 256]),
                ["has_mask_input"] = OrtValue.CreateTensorValueFromMemory(new float[1], [1]),
                ["orig_im_size"] = OrtValue.CreateTensorValueFromMemory<float>([height, width], [2]),
            },
            ["masks", "low_res_masks"]);
        ReadOnlySpan<float> full = outputs[0].GetTensorDataAsSpan<float>();
        ReadOnlySpan<float> low = outputs[1].GetTensorDataAsSpan<float>();
        int differing = 0, wrong = 0;
        for (int mask = 0; mask < 3; mask++)
        {
            var fromLow = new LogitCut(SamFrame.Of(width, height));
            var fromFull = new LogitCut(SamFrame.Of(width, height));
            ReadOnlySpan<float> logits = full.Slice(mask * width * height, width * height);

            float lowStability = fromLow.FromLowResolution(low.Slice(mask * 256 * 256, 256 * 256));
            float fullStability = fromFull.FromFullResolution(logits);

            Assert.Equal(fullStability, lowStability, 1e-4f);
            for (int i = 0; i < logits.Length; i++)
            {
                wrong += logits[i] > 0 != (fromFull.Pixels[i] != 0) ? 1 : 0;
                differing += fromLow.Pixels[i] != fromFull.Pixels[i] && Math.Abs(logits[i]) > 1e-4 ? 1 : 0;
            }
        }

        Assert.Equal((0, 0), (wrong, differing));
    }

    [Fact]
    public void Nothing_of_a_mask_stays_in_the_next()
    {
        var cut = new LogitCut(SamFrame.Of(100, 60));
        float[] full = new float[256 * 256], empty = new float[256 * 256];
        Array.Fill(full, 5);
        Array.Fill(empty, -5);

        Assert.Equal(1, cut.FromLowResolution(full));
        Assert.DoesNotContain((byte)0, cut.Pixels);
        Assert.Equal(float.NaN, cut.FromLowResolution(empty));
        Assert.All(cut.Pixels, pixel => Assert.Equal(0, pixel));
    }

    /// <summary>Both steps, written as defined: half-pixel centres, clamped, no antialiasing.</summary>
    private static double Enlarged(float[] logits, SamFrame frame, int x, int y) => Bilinear(
        (i, j) => Bilinear((k, l) => logits[l * 256 + k], i, j, 256, 1024, 256, 1024),
        x, y, frame.ScaledWidth, frame.Width, frame.ScaledHeight, frame.Height);

    private static double Bilinear(Func<int, int, double> source, int x, int y, int fromX, int toX, int fromY, int toY)
    {
        double u = Math.Max(0, (x + 0.5) * fromX / toX - 0.5), v = Math.Max(0, (y + 0.5) * fromY / toY - 0.5);
        int left = Math.Min((int)u, fromX - 1), top = Math.Min((int)v, fromY - 1);
        int right = Math.Min(left + 1, fromX - 1), bottom = Math.Min(top + 1, fromY - 1);
        double a = u - left, b = v - top;
        return (1 - b) * ((1 - a) * source(left, top) + a * source(right, top))
            + b * ((1 - a) * source(left, bottom) + a * source(right, bottom));
    }
}
