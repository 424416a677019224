using Saga.Cli.Evaluation;
using Saga.Engine.Masks;

namespace Saga.Cli.Tests.Evaluation;

public sealed class MaskCoverageTests
{
    private static readonly EvaluationProtocol Protocol = new() { MinPartPixels = 1 };

    [Fact]
    public void Masks_that_are_the_objects_and_parts_cover_all()
    {
        LabeledScene scene = TinyScene.Create();
        ViewMasks[] masks = [.. scene.Views.Select(view => new ViewMasks(
            view.Name, [MaskOf(view, 1, 2), MaskOf(view, 1), MaskOf(view, 2)]))];

        var coverage = MaskCoverage.Of(scene, masks, Protocol);

        Assert.Equal(new MaskCoverage(ObjectIou: 1, ObjectsHit: 1, PartIou: 1, Pure: 1, MasksPerView: 3), coverage);
    }

    [Fact]
    public void What_is_half_covered_counts_half_and_views_without_masks_count_as_none()
    {
        LabeledScene scene = TinyScene.Create();
        LabeledView large = scene.Views[1];

        // The lid alone, and lid and ground: of the box's 12 pixels 6, of the foot's nothing; the second mask is of two objects.
        var coverage = MaskCoverage.Of(scene, [new ViewMasks(large.Name, [MaskOf(large, 1), MaskOf(large, 0, 1)])], Protocol);

        Assert.Equal((0 + 0.5) / 2, coverage.ObjectIou, 9);
        Assert.Equal(0, coverage.ObjectsHit);
        Assert.Equal((0 + 0 + 1 + 0) / 4.0, coverage.PartIou, 9);
        Assert.Equal(0.5, coverage.Pure, 9);
        Assert.Equal(1, coverage.MasksPerView, 9);
    }

    [Fact]
    public void What_shows_too_few_pixels_is_no_target()
    {
        LabeledScene scene = TinyScene.Create();

        var coverage = MaskCoverage.Of(scene, [], Protocol with { MinPartPixels = 13 });

        Assert.Equal(new MaskCoverage(0, 0, 0, 0, 0), coverage);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused()
    {
        LabeledScene scene = TinyScene.Create();

        var error = Assert.Throws<InvalidDataException>(() => MaskCoverage.Of(
            scene, [new ViewMasks("b", [BinaryMask.FromPixels(2, 1, [1, 0])])], Protocol));

        Assert.Contains("2×1", error.Message, StringComparison.Ordinal);
    }

    private static BinaryMask MaskOf(LabeledView view, params ushort[] parts) =>
        BinaryMask.FromPixels(view.Width, view.Height, [.. view.Parts.Select(part => parts.Contains(part) ? (byte)1 : (byte)0)]);
}
