using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Masks.Generation.Builtin;
using Saga.Engine.Rasterization;

namespace Saga.Tests.Masks.Generation;

public sealed class BuiltinMaskGeneratorTests
{
    // The edges of what is painted are exact; smoothing may move them by a pixel.
    private const double MinIou = 0.93;

    private static readonly (byte, byte, byte) Grey = (130, 125, 115);
    private static readonly (byte, byte, byte) Red = (190, 40, 30);
    private static readonly (byte, byte, byte) Blue = (40, 60, 190);

    private static readonly PixelBox Wall = new(10, 8, 150, 112);
    private static readonly PixelBox Left = new(30, 40, 70, 90);
    private static readonly PixelBox Right = new(70, 40, 120, 90);

    [Fact]
    public void Two_colours_on_one_plane_are_two_masks()
    {
        PaintedPicture painted = new PaintedPicture(160, 120).Paint(Wall, Grey, 4).Paint(Left, Red, 4).Paint(Right, Blue, 4);

        IReadOnlyList<BinaryMask> masks = Generate(painted.Picture);

        AssertFound(masks, painted.MaskOf(Left), "the red half");
        AssertFound(masks, painted.MaskOf(Right), "the blue half");
    }

    [Fact]
    public void Two_depths_of_one_colour_are_two_masks()
    {
        PaintedPicture painted = new PaintedPicture(160, 120).Paint(Wall, Grey, 4).Paint(Left, Grey, 3).Paint(Right, Grey, 2);

        IReadOnlyList<BinaryMask> masks = Generate(painted.Picture);

        AssertFound(masks, painted.MaskOf(Left), "the middle board");
        AssertFound(masks, painted.MaskOf(Right), "the near board");
    }

    [Fact]
    public void Parts_of_one_thing_before_another_are_masks_and_so_is_the_thing()
    {
        PaintedPicture painted = new PaintedPicture(160, 120)
            .Paint(Wall, Grey, 4).Paint(Left, Red, 2).Paint(Right, Blue, 2).WithNoise(seed: 3, color: 4, relativeDepth: 0.002f);

        IReadOnlyList<BinaryMask> masks = Generate(painted.Picture);

        AssertFound(masks, painted.MaskOf(Left), "the red half");
        AssertFound(masks, painted.MaskOf(Right), "the blue half");
        AssertFound(masks, painted.MaskOf(Left, Right), "both halves");
    }

    [Fact]
    public void A_steep_plane_is_one_surface_although_its_depth_changes_much()
    {
        PaintedPicture painted = new PaintedPicture(160, 120)
            .Paint(new PixelBox(0, 0, 160, 120), Grey, 0)
            .Paint(Wall, Grey, (x, _) => 1 / (0.3f + 0.002f * x));

        IReadOnlyList<BinaryMask> masks = Generate(painted.Picture);

        BinaryMask only = Assert.Single(masks);
        Assert.Equal(painted.MaskOf(Wall).RunEnds, only.RunEnds);
    }

    [Theory]
    [InlineData("view_005")]
    [InlineData("view_033")]
    public void Masks_of_a_real_view_nest_and_are_many_and_small_and_large(string view)
    {
        ViewPicture picture = PlayroomPicture.Read(view);

        IReadOnlyList<BinaryMask> masks = Generate(picture);

        Assert.InRange(masks.Count, 10, 80);
        Assert.Contains(masks, mask => mask.Area > 20_000);
        Assert.Contains(masks, mask => mask.Area < 1_000);
        AssertNested(masks);
        AssertShowsSomething(masks, picture.Rendering);
        Assert.All(masks, mask => Assert.Equal((640, 480), (mask.Width, mask.Height)));
    }

    [Fact]
    public void The_same_picture_gives_the_same_masks_in_the_same_order_from_any_thread()
    {
        ViewPicture picture = PlayroomPicture.Read("view_012");
        using var generator = new BuiltinMaskGenerator();

        IReadOnlyList<BinaryMask>[] runs = new IReadOnlyList<BinaryMask>[3];
        Parallel.For(0, runs.Length, i => runs[i] = generator.Generate(picture, CancellationToken.None));

        foreach (IReadOnlyList<BinaryMask> run in runs)
        {
            Assert.Equal(runs[0].Select(m => m.RunEnds.ToArray()), run.Select(m => m.RunEnds.ToArray()));
        }
    }

    [Fact]
    public void A_picture_drawn_by_the_engine_itself_gives_masks_too()
    {
        ViewPicture picture = PlayroomPicture.Rendered("view_020");

        IReadOnlyList<BinaryMask> masks = Generate(picture);

        Assert.InRange(masks.Count, 10, 80);
        AssertNested(masks);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 50)]
    [InlineData(50, 1)]
    [InlineData(6, 6)]
    [InlineData(7, 7)]
    [InlineData(13, 200)]
    public void Pictures_too_small_for_anything_are_answered(int width, int height)
    {
        PaintedPicture painted = new PaintedPicture(width, height)
            .Paint(new PixelBox(0, 0, width, height), Grey, 2).WithNoise(seed: 5, color: 90, relativeDepth: 0.3f);

        IReadOnlyList<BinaryMask> masks = Generate(painted.Picture);

        AssertNested(masks);
        Assert.All(masks, mask => Assert.True(mask.Area > 0));
    }

    [Fact]
    public void Where_nothing_is_shown_there_are_no_masks()
    {
        Assert.Empty(Generate(new PaintedPicture(64, 48).Picture));
    }

    [Fact]
    public void A_black_photo_still_has_the_masks_of_its_depths()
    {
        PaintedPicture painted = new PaintedPicture(160, 120).Paint(Wall, (0, 0, 0), 4).Paint(Left, (0, 0, 0), 2);

        AssertFound(Generate(painted.Picture), painted.MaskOf(Left), "the black board");
    }

    [Fact]
    public void Without_alpha_the_depth_says_what_is_shown()
    {
        PaintedPicture painted = new PaintedPicture(160, 120).Paint(Wall, Grey, 4).Paint(Left, Red, 3);

        Assert.Equal(
            Generate(painted.Picture).Select(m => m.RunEnds.ToArray()), Generate(painted.WithoutAlpha).Select(m => m.RunEnds.ToArray()));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-2f)]
    [InlineData(0f)]
    [InlineData(float.Epsilon)]
    public void Pixels_with_an_impossible_depth_are_in_no_mask_and_harm_no_other(float poison)
    {
        var hole = new PixelBox(40, 50, 52, 62);
        PaintedPicture painted = new PaintedPicture(160, 120).Paint(Wall, Grey, 4).Paint(Left, Red, 3).Paint(hole, Red, poison);

        IReadOnlyList<BinaryMask> masks = Generate(painted.Picture);

        Assert.NotEmpty(masks);
        Assert.All(masks, mask => Assert.Equal(0, mask.IntersectionArea(painted.MaskOf(hole))));
        BinaryMask left = painted.MaskOf(Left);
        Assert.Contains(masks, mask => mask.IntersectionArea(left) > 0.9 * (left.Area - 144) && mask.Area < 1.05 * left.Area);
    }

    [Fact]
    public void Depths_of_pure_noise_and_of_extreme_range_are_answered()
    {
        PaintedPicture painted = new PaintedPicture(160, 120)
            .Paint(Wall, Grey, 4).Paint(Left, Red, 1e-30f).Paint(Right, Blue, 1e30f).WithNoise(seed: 6, color: 255, relativeDepth: 0.99f);

        AssertNested(Generate(painted.Picture));
    }

    [Fact]
    public void Parts_of_different_sizes_are_refused()
    {
        ViewPicture picture = new PaintedPicture(64, 48).Paint(new PixelBox(0, 0, 64, 48), Grey, 2).Picture;
        using var generator = new BuiltinMaskGenerator();

        var photo = Assert.Throws<ArgumentException>(() => generator.Generate(
            picture with { Photo = new RgbImage(32, 24, new byte[3 * 32 * 24]) }, CancellationToken.None));
        Assert.Contains("32×24", photo.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => generator.Generate(
            picture with { Rendering = new RenderedImage { Width = 64, Height = 48 } }, CancellationToken.None));
        Assert.Throws<ArgumentException>(() => generator.Generate(
            picture with { Rendering = new RenderedImage { Width = 64, Height = 48, Depth = new float[64 * 48], Alpha = new float[3] } },
            CancellationToken.None));
        Assert.Throws<ArgumentException>(() => generator.Generate(
            picture with { Camera = picture.Camera with { Width = 65 } }, CancellationToken.None));
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        using var generator = new BuiltinMaskGenerator();
        ViewPicture picture = new PaintedPicture(64, 48).Paint(new PixelBox(0, 0, 64, 48), Grey, 2).Picture;

        Assert.ThrowsAny<OperationCanceledException>(() => generator.Generate(picture, cancelled.Token));
    }

    private static IReadOnlyList<BinaryMask> Generate(ViewPicture picture)
    {
        using var generator = new BuiltinMaskGenerator();
        return generator.Generate(picture, CancellationToken.None);
    }

    private static void AssertFound(IReadOnlyList<BinaryMask> masks, BinaryMask expected, string what)
    {
        double best = masks.Select(mask => PaintedPicture.Iou(mask, expected)).DefaultIfEmpty().Max();
        Assert.True(best >= MinIou, $"The best of {masks.Count} masks has an IoU of {best:0.000} with {what}.");
    }

    private static void AssertNested(IReadOnlyList<BinaryMask> masks)
    {
        for (int i = 0; i < masks.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int common = masks[i].IntersectionArea(masks[j]);
                int smaller = Math.Min(masks[i].Area, masks[j].Area);
                Assert.True(common == 0 || common == smaller, $"Masks {j} and {i} share {common} of {smaller} pixels.");
                Assert.False(common == smaller && masks[i].Area == masks[j].Area, $"Masks {j} and {i} are equal.");
            }
        }
    }

    private static void AssertShowsSomething(IReadOnlyList<BinaryMask> masks, RenderedImage rendering)
    {
        byte[] pixels = new byte[rendering.Width * rendering.Height];
        foreach (BinaryMask mask in masks)
        {
            mask.Decode(pixels);
            Assert.DoesNotContain(Enumerable.Range(0, pixels.Length), i => pixels[i] != 0 && rendering.Alpha[i] < 0.5f);
        }
    }
}
