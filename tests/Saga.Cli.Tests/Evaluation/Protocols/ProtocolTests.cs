using Saga.Cli.Evaluation;
using Saga.Cli.Evaluation.Protocols;
using Saga.Engine.Images;
using Saga.Engine.Segmentation;
using Saga.Tests;

namespace Saga.Cli.Tests.Evaluation.Protocols;

/// <summary>Folders laid out as the benchmarks are, made from the sample's own truth.</summary>
public sealed class ProtocolTests(TrainedPlayroom playroom) : IClassFixture<TrainedPlayroom>
{
    private const int MinPixels = 2000;

    private string Thing => playroom.Labels.Objects.First(name => name != "ground" && Seen(name).Length >= 4);

    [Fact]
    public void Nvos_scribbles_select_the_thing_in_the_target_view()
    {
        using var folder = new TemporaryFolder();
        (LabeledView reference, LabeledView target) = (Seen(Thing)[0], Seen(Thing)[2]);
        PixelRegion region = playroom.RegionOf(Thing, reference);
        Write(folder, $"scribbles/room/pos_0_{reference.Name}.png", Stripe(region));
        Write(folder, $"scribbles/room/neg_0_{reference.Name}.png", Stripe(region.Outside()));
        Write(folder, $"reference_image/room/{reference.Name}.png", region);
        Write(folder, $"reference_image/room/{reference.Name}_mask.png", region);
        Write(folder, $"masks/room/{target.Name}.png", region);
        Write(folder, $"masks/room/{target.Name}_mask.png", playroom.RegionOf(Thing, target));

        ProtocolRow row = Assert.Single(playroom.Run(ProtocolFolders.ReadNvos(folder.Path, "room")));
        Assert.Equal((reference.Name, 4, 4), (row.ReferenceView, row.PositivePoints, row.NegativePoints));
        Assert.Equal(target.Name, Assert.Single(row.Views).View);
        Assert.InRange(row.Iou, 0.6, 1);
        Assert.InRange(row.Accuracy, 0.9, 1);
    }

    [Fact]
    public void SpinNerf_masks_select_the_thing_in_all_other_views()
    {
        using var folder = new TemporaryFolder();
        LabeledView[] views = Seen(Thing)[..4];
        foreach (LabeledView view in views)
        {
            Write(folder, $"{view.Name}.png", playroom.RegionOf(Thing, view));
        }

        ProtocolRow row = Assert.Single(playroom.Run(ProtocolFolders.ReadSpinNerf(folder.Path, "room")));
        Assert.Equal(views[0].Name, row.ReferenceView);
        Assert.Equal(views[1..].Select(view => view.Name), row.Views.Select(view => view.View));
        Assert.InRange(row.Iou, 0.6, 1);
        Assert.InRange(row.Accuracy, 0.9, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OpenVocabulary_classes_are_measured_each_by_itself(bool viewsAreNumbers)
    {
        using var folder = new TemporaryFolder();
        string[] things = [.. playroom.Labels.Objects.Where(name => name != "ground" && Seen(name).Length >= 3).Take(2)];
        Directory.CreateDirectory(Path.Combine(folder.Path, "segmentations"));
        File.WriteAllLines(Path.Combine(folder.Path, "segmentations", "classes.txt"), [.. things, "never seen", ""]);
        foreach (string thing in things)
        {
            foreach (LabeledView view in Seen(thing)[..3])
            {
                int index = playroom.Views.ToList().FindIndex(v => v.Name == view.Name);
                Write(folder, $"segmentations/{(viewsAreNumbers ? $"{index}" : view.Name)}/{thing}.png", playroom.RegionOf(thing, view));
            }
        }

        IReadOnlyList<ProtocolRow> rows = playroom.Run(
            ProtocolFolders.ReadOpenVocabulary(folder.Path, [.. playroom.Views.Select(view => view.Name)]));
        Assert.Equal(things, rows.Select(row => row.Name));
        Assert.All(rows, row => Assert.InRange(row.Iou, 0.5, 1));
    }

    [Fact]
    public void A_seed_gives_the_same_figures_and_another_one_other_clicks()
    {
        LabeledView[] views = Seen(Thing)[..2];
        PixelRegion region = playroom.RegionOf(Thing, views[0]);
        ProtocolCase one = new(Thing, views[0].Name, region, region.Outside(), true, [new ProtocolTarget(views[1].Name, playroom.RegionOf(Thing, views[1]))]);
        ProtocolRow first = playroom.Run([one]).Single();
        ProtocolRow again = playroom.Run([one]).Single();
        Assert.Equal((first.Iou, first.Accuracy, first.SelectedCount), (again.Iou, again.Accuracy, again.SelectedCount));
        Assert.NotEqual(
            ProtocolPoints.Draw(region, _ => true, 4, true, 0).Select(p => p.Position), ProtocolPoints.Draw(region, _ => true, 4, true, 1).Select(p => p.Position));
    }

    [Fact]
    public void Clicks_keep_off_the_border_of_a_thick_region_and_follow_a_thin_one()
    {
        bool[] square = [.. Enumerable.Range(0, 40 * 40).Select(p => p % 40 is >= 4 and < 36 && p / 40 is >= 4 and < 36)];
        foreach (PromptPoint point in ProtocolPoints.Draw(new PixelRegion(40, 40, square), _ => true, 50, true, 3))
        {
            Assert.InRange(point.Position.X, 4 + 7.5, 36 - 7.5);
            Assert.InRange(point.Position.Y, 4 + 7.5, 36 - 7.5);
        }

        bool[] line = [.. Enumerable.Range(0, 40 * 40).Select(p => p / 40 == 20)];
        PromptPoint[] onLine = ProtocolPoints.Draw(new PixelRegion(40, 40, line), p => p % 40 < 3, 50, true, 3);
        Assert.Equal([0.5f, 1.5f, 2.5f], onLine.Select(point => point.Position.X).Order());
        Assert.All(onLine, point => Assert.Equal(20.5f, point.Position.Y));
    }

    [Fact]
    public void Overlap_counts_as_published()
    {
        PixelRegion truth = new(4, 1, [true, true, false, false]);
        Assert.Equal(new MaskOverlap(1.0 / 3, 0.5), MaskOverlap.Of([1, 0, 1, 0], truth, null));
        Assert.Equal(new MaskOverlap(0.5, 2.0 / 3), MaskOverlap.Of([1, 0, 1, 0], truth, new PixelRegion(4, 1, [false, false, false, true])));
        Assert.Equal(new MaskOverlap(1, 1), MaskOverlap.Of([0], new PixelRegion(1, 1, [false]), null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    public void Marked_is_what_is_bright_whatever_the_brightest_is(byte brightest)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "m.png");
        File.WriteAllBytes(path, ImageFile.EncodePng(new RgbImage(2, 1, [0, 0, 0, 0, brightest, 0])));
        PixelRegion read = PixelRegion.Read(path);
        Assert.Equal([false, true], read.Marked);
        Assert.Equal([false, false, true, true], read.ResizedTo(4, 1).Marked);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("scribbles", Assert.Throws<InvalidDataException>(() => ProtocolFolders.ReadNvos(folder.Path, "room")).Message, StringComparison.Ordinal);
        Assert.Contains("0 masks", Assert.Throws<InvalidDataException>(() => ProtocolFolders.ReadSpinNerf(folder.Path, "room")).Message, StringComparison.Ordinal);
        Assert.Contains("classes.txt", Assert.Throws<InvalidDataException>(() => ProtocolFolders.ReadOpenVocabulary(folder.Path, ["a"])).Message, StringComparison.Ordinal);
        PixelRegion region = new(2, 1, [true, false]);
        ProtocolCase stranger = new("x", "no such view", region, region.Outside(), true, []);
        Assert.Contains("no such view", Assert.Throws<InvalidDataException>(() => playroom.Run([stranger])).Message, StringComparison.Ordinal);
    }

    private LabeledView[] Seen(string thing) => [.. playroom.Labels.Views.Where(view => playroom.RegionOf(thing, view).Count >= MinPixels)];

    private static PixelRegion Stripe(PixelRegion region) =>
        new(region.Width, region.Height, [.. region.Marked.Select((marked, p) => marked && p / region.Width % 16 < 3)]);

    private static void Write(TemporaryFolder folder, string name, PixelRegion region)
    {
        string path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] pixels = [.. region.Marked.SelectMany(marked => Enumerable.Repeat(marked ? (byte)255 : (byte)0, 3))];
        File.WriteAllBytes(path, ImageFile.EncodePng(new RgbImage(region.Width, region.Height, pixels)));
    }
}
