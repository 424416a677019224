using BenchmarkDotNet.Attributes;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation.Sam;

namespace Saga.Benchmarks.Masks;

/// <summary>What a view of 640×480 costs SAM's mask generator outside the model, per picture and per hundred masks.</summary>
public class SamStepsBenchmarks
{
    private const int Width = 640;
    private const int Height = 480;
    private const int Masks = 100;

    private readonly RgbImage _photo = new(Width, Height, new byte[3 * Width * Height]);
    private readonly float[] _input = new float[3 * SamFrame.Side * SamFrame.Side];
    private readonly LogitCut _cut = new(SamFrame.Of(Width, Height));
    private float[][] _logits = [];
    private BinaryMask[] _coded = [];
    private PixelBox[] _boxes = [];
    private float[] _scores = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        random.NextBytes(_photo.Pixels);
        _logits = [.. Enumerable.Range(0, Masks).Select(_ => Blobs(random))];
        _coded = [.. _logits.Select(Engine)];
        _boxes = [.. Enumerable.Range(0, 3072).Select(_ => Box(random))];
        _scores = [.. _boxes.Select(_ => random.NextSingle())];
        Agreement.Require(
            "stability", [.. _logits.Select(l => PlainLogitCut.Run(l, Width, Height).Stability)],
            [.. _logits.Select(l => _cut.FromLowResolution(l))], 1e-4);
    }

    /// <summary>Enlarged twice as whole pictures of floats, then thresholded and counted in passes, then coded.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Masks)]
    public int Plain_mask() => _logits.Sum(
        logits => BinaryMask.FromPixels(Width, Height, PlainLogitCut.Run(logits, Width, Height).Pixels).Area);

    [Benchmark(OperationsPerInvoke = Masks)]
    public int Engine_mask() => _logits.Sum(logits => Engine(logits).Area);

    [Benchmark(OperationsPerInvoke = Masks)]
    public int Engine_small_regions() => _coded.Sum(mask => SmallRegions.Remove(mask, 100).Area);

    /// <summary>Once a view: resized to 1024×768, normalised, padded.</summary>
    [Benchmark]
    public void Engine_picture() => EncoderInput.Normalized(_photo, _input);

    /// <summary>Once a view, of 3,072 boxes: as many as there are with nothing filtered.</summary>
    [Benchmark]
    public int Engine_suppression() => BoxSuppression.Keep(_boxes, _scores, 0.7f).Count;

    private BinaryMask Engine(float[] logits)
    {
        _cut.FromLowResolution(logits);
        return BinaryMask.FromPixels(Width, Height, _cut.Pixels);
    }

    /// <summary>A disc with a rippled border, and specks.</summary>
    private static float[] Blobs(Random random)
    {
        float[] logits = new float[SamFrame.MaskSide * SamFrame.MaskSide];
        float centerX = random.Next(40, 216), centerY = random.Next(30, 160), radius = random.Next(5, 60);
        for (int i = 0; i < logits.Length; i++)
        {
            float x = i % SamFrame.MaskSide - centerX, y = i / SamFrame.MaskSide - centerY;
            float border = radius * (1 + 0.2f * MathF.Sin(7 * MathF.Atan2(y, x)));
            logits[i] = Math.Clamp(border - MathF.Sqrt(x * x + y * y), -8, 8) + (random.Next(3000) == 0 ? 12 : 0);
        }

        return logits;
    }

    private static PixelBox Box(Random random)
    {
        int left = random.Next(Width - 10), top = random.Next(Height - 10);
        return new PixelBox(left, top, random.Next(left, Width), random.Next(top, Height));
    }
}
