using Saga.Engine.Masks.Generation.Builtin;

namespace Saga.Tests.Masks.Generation;

public sealed class StableRegionsTests
{
    [Fact]
    public void The_longest_lived_regions_come_first_and_almost_equal_ones_once()
    {
        MergeTree tree = TreeOf("view_005");

        List<int> chosen = StableRegions.Choose(tree);

        Assert.InRange(chosen.Count, 10, StableRegions.MaxRegions);
        double[] lives = [.. chosen.Select(node => Life(tree, node))];
        Assert.Equal(lives.OrderDescending(), lives);
        foreach (int node in chosen)
        {
            Assert.True(tree.Nodes[node].Statistics.Count >= StableRegions.MinPixels);
            for (int above = tree.Nodes[node].Parent; above >= 0; above = tree.Nodes[above].Parent)
            {
                bool almostSame = tree.Nodes[node].Statistics.Count >= StableRegions.AlmostSame * tree.Nodes[above].Statistics.Count;
                Assert.False(almostSame && chosen.Contains(above), $"{node} and {above} are almost the same.");
            }
        }
    }

    [Fact]
    public void What_is_left_out_lives_no_longer_than_what_is_chosen_unless_it_is_small_or_almost_chosen()
    {
        MergeTree tree = TreeOf("view_005");
        List<int> chosen = StableRegions.Choose(tree);
        double shortest = chosen.Min(node => Life(tree, node));

        for (int node = 0; node < tree.Nodes.Count; node++)
        {
            bool isLarge = tree.Nodes[node].Statistics.Count >= StableRegions.MinPixels;
            if (isLarge && Life(tree, node) > shortest && !chosen.Contains(node))
            {
                Assert.Contains(chosen, other => IsAlmostSame(tree, node, other) || IsAlmostSame(tree, other, node));
            }
        }
    }

    private static double Life(MergeTree tree, int node) =>
        tree.Nodes[node].Parent < 0 ? double.PositiveInfinity : tree.Nodes[tree.Nodes[node].Parent].Cost - tree.Nodes[node].Cost;

    private static bool IsAlmostSame(MergeTree tree, int inner, int outer)
    {
        for (int above = inner; above >= 0; above = tree.Nodes[above].Parent)
        {
            if (above == outer)
            {
                return tree.Nodes[inner].Statistics.Count >= StableRegions.AlmostSame * tree.Nodes[outer].Statistics.Count;
            }
        }

        return false;
    }

    private static MergeTree TreeOf(string view)
    {
        var picture = PlayroomPicture.Read(view);
        var colors = LabPicture.From(picture.Photo);
        var surface = SurfacePicture.From(picture.Rendering, colors, picture.Camera);
        var regions = PixelRegions.Split(colors, surface, CancellationToken.None);
        return MergeTree.Build(RegionGraph.Of(regions, colors, surface, CancellationToken.None), CancellationToken.None);
    }
}
