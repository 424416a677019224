using Saga.Benchmarks.Furniture;
using Saga.Cli.Evaluation;

namespace Saga.Benchmarks.Tests.Furniture;

public sealed class NoisyMasksTests
{
    private const int Width = 96;
    private const int Height = 64;
    private const ushort None = LabeledScene.None;

    /// <summary>A box of two parts, a box of one, and a part too small to be reported.</summary>
    private static readonly LabeledPart[] Parts =
        [new("ground", 0), new("box/lid", 1), new("box/foot", 1), new("ball/all", 2), new("ball/dot", 2)];

    [Fact]
    public void Masks_are_large_enough_and_prompted_by_one_of_their_own_pixels()
    {
        foreach (GeneratedMask mask in Enumerable.Range(0, 50).SelectMany(View))
        {
            Assert.True(mask.Mask.Area >= 48, $"a mask of {mask.Mask.Area} pixels");
            Assert.True(mask.Mask.Contains(mask.Seed.X, mask.Seed.Y));
            Assert.InRange(mask.PredictedIou, 0.88, 1);
            Assert.InRange(mask.Stability, 0.95, 1);
        }
    }

    [Fact]
    public void Objects_and_parts_are_reported_and_missed_at_their_rates()
    {
        const int views = 400;
        // Four deviations of a share of 400 draws: 4·√(0.25·0.75/400) = 0.087.
        const double tolerance = 0.09;

        int lid = 0;
        int box = 0;
        int exactBox = 0;
        for (int view = 0; view < views; view++)
        {
            List<GeneratedMask> masks = View(view);

            // The lid with its border two pixels in overlaps by 0.69, the box with the lid by 0.45.
            lid += masks.Any(mask => Overlap(mask, [1]) > 0.65) ? 1 : 0;
            box += masks.Any(mask => Overlap(mask, [1, 2]) > 0.65) ? 1 : 0;
            exactBox += masks.Any(mask => Overlap(mask, [1, 2]) == 1) ? 1 : 0;
        }

        Assert.InRange((double)lid / views, 0.75 * 0.94 - tolerance, 0.75 + tolerance);

        // The object itself, or its two parts joined by mistake.
        Assert.InRange((double)box / views, 0.85 - tolerance, 1);
        Assert.InRange((double)exactBox / views, 0.4 - tolerance, 0.6 + tolerance);
    }

    [Fact]
    public void A_view_has_errors_of_its_own_and_the_same_ones_again()
    {
        string Masks(int view) => string.Join(' ', View(view).Select(mask => $"{mask.Mask.Area}@{mask.Seed}"));

        Assert.Equal(Masks(3), Masks(3));
        Assert.NotEqual(Masks(3), Masks(4));
    }

    [Fact]
    public void A_view_of_nothing_has_no_masks()
    {
        var nothing = new ushort[Width * Height];
        nothing.AsSpan().Fill(None);

        Assert.Empty(NoisyMasks.Generate(nothing, Parts, Width, Height, seed: 1, view: 0));
    }

    private static List<GeneratedMask> View(int view) => NoisyMasks.Generate(Map(), Parts, Width, Height, seed: 1, view);

    private static ushort[] Map()
    {
        var map = new ushort[Width * Height];
        for (int i = 0; i < map.Length; i++)
        {
            (int x, int y) = (i % Width, i / Width);
            map[i] = (x, y) switch
            {
                ( >= 8 and < 38, >= 8 and < 28) => 1,
                ( >= 8 and < 38, >= 28 and < 52) => 2,
                ( >= 60 and < 64, >= 20 and < 24) => 4,
                ( >= 54 and < 86, >= 14 and < 46) => 3,
                (_, < 5) => None,
                _ => 0,
            };
        }

        return map;
    }

    private static double Overlap(GeneratedMask mask, int[] parts)
    {
        var pixels = new byte[Width * Height];
        mask.Mask.Decode(pixels);
        ushort[] map = Map();
        int both = 0;
        int either = 0;
        for (int i = 0; i < map.Length; i++)
        {
            bool isTrue = parts.Contains(map[i]);
            both += isTrue && pixels[i] == 1 ? 1 : 0;
            either += isTrue || pixels[i] == 1 ? 1 : 0;
        }

        return (double)both / either;
    }
}
