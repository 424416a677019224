using Saga.Engine.Masks.Generation.Builtin;

namespace Saga.Tests.Masks.Generation;

[Trait("Category", "Kernel")]
public sealed class MergeTreeTests
{
    private const int Side = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Merges_match_a_reference_that_sums_every_region_up_anew(int seed)
    {
        const double tolerance = 1e-9;   // relative; both sum a few hundred terms in double, in another order
        (PixelRegions regions, LabPicture colors, SurfacePicture surface) = Noise(seed);

        MergeTree tree = MergeTree.Build(RegionGraph.Of(regions, colors, surface, CancellationToken.None), CancellationToken.None);

        List<MergeReference.Merge> expected = MergeReference.Run(regions, colors, surface);
        Assert.Equal(regions.Count, tree.LeafCount);
        Assert.Equal(expected.Count, tree.Nodes.Count - tree.LeafCount);
        for (int i = 0; i < expected.Count; i++)
        {
            MergeTree.Node node = tree.Nodes[tree.LeafCount + i];
            Assert.Equal((expected[i].First, expected[i].Second), (Math.Min(node.First, node.Second), Math.Max(node.First, node.Second)));
            Assert.True(
                Math.Abs(node.Cost - expected[i].Cost) <= tolerance * expected[i].Cost,
                $"Merge {i} costs {node.Cost} instead of {expected[i].Cost}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_merge_costs_at_least_what_its_parts_cost_and_holds_their_pixels(int seed)
    {
        (PixelRegions regions, LabPicture colors, SurfacePicture surface) = Noise(seed);

        MergeTree tree = MergeTree.Build(RegionGraph.Of(regions, colors, surface, CancellationToken.None), CancellationToken.None);

        for (int i = tree.LeafCount; i < tree.Nodes.Count; i++)
        {
            MergeTree.Node node = tree.Nodes[i];
            (MergeTree.Node first, MergeTree.Node second) = (tree.Nodes[node.First], tree.Nodes[node.Second]);
            Assert.True(node.Cost >= Math.Max(first.Cost, second.Cost) && double.IsFinite(node.Cost));
            Assert.Equal(first.Statistics.Count + second.Statistics.Count, node.Statistics.Count);
            Assert.Equal((i, i), (first.Parent, second.Parent));
        }
    }

    [Fact]
    public void Regions_that_do_not_touch_stay_apart()
    {
        var island = new PixelBox(1, 1, 5, 5);
        var other = new PixelBox(7, 7, 11, 11);
        PaintedPicture painted = new PaintedPicture(Side, Side).Paint(island, (200, 0, 0), 2).Paint(other, (200, 0, 0), 2);
        var colors = LabPicture.From(painted.Picture.Photo);
        var surface = SurfacePicture.From(painted.Picture.Rendering, colors, painted.Camera);
        var regions = PixelRegions.Split(colors, surface, CancellationToken.None);

        MergeTree tree = MergeTree.Build(RegionGraph.Of(regions, colors, surface, CancellationToken.None), CancellationToken.None);

        Assert.Equal(2, tree.Nodes.Count(node => node.Parent < 0));
    }

    [Fact]
    public void A_cancelled_merge_stops()
    {
        (PixelRegions regions, LabPicture colors, SurfacePicture surface) = Noise(seed: 1);
        RegionGraph graph = RegionGraph.Of(regions, colors, surface, CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => MergeTree.Build(graph, cancelled.Token));
    }

    // Blocks of 2×3 pixels of random colours and depths, a hole in the middle: no two costs are equal.
    private static (PixelRegions Regions, LabPicture Colors, SurfacePicture Surface) Noise(int seed)
    {
        var hole = new PixelBox(4, 3, 6, 9);
        PaintedPicture painted = new PaintedPicture(Side, Side)
            .Paint(new PixelBox(0, 0, Side, Side), (120, 120, 120), 3)
            .WithNoise(seed, color: 100, relativeDepth: 0.2f)
            .Paint(hole, (0, 0, 0), 0);
        int[] labels = new int[Side * Side];
        var numbers = new Dictionary<int, int>();
        for (int i = 0; i < labels.Length; i++)
        {
            (int x, int y) = (i % Side, i / Side);
            bool isShown = x < hole.Left || x >= hole.Right || y < hole.Top || y >= hole.Bottom;
            int block = y / 3 * Side + x / 2;
            if (isShown)
            {
                numbers.TryAdd(block, numbers.Count);
            }

            labels[i] = isShown ? numbers[block] : -1;
        }

        var colors = LabPicture.From(painted.Picture.Photo);
        return (new PixelRegions(labels, numbers.Count), colors, SurfacePicture.From(painted.Picture.Rendering, colors, painted.Camera));
    }
}
