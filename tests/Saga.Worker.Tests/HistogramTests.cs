using Saga.Worker.Jobs;

namespace Saga.Worker.Tests;

public sealed class HistogramTests
{
    [Fact]
    public void Every_number_is_in_one_bin_and_the_edges_enclose_them_all()
    {
        int[] values = [1, 2, 4, 8, 16, 17, 100];

        Histogram even = Histogram.OfCounts(values, 4)!;
        Histogram geometric = Histogram.Geometric([.. values.Select(value => (double)value)], 4)!;

        Assert.Equal([6, 0, 0, 1], even.Counts);
        Assert.Equal([1, 25.75, 50.5, 75.25, 100], even.Edges.Select(edge => Math.Round(edge, 9)));
        Assert.Equal([2, 2, 2, 1], geometric.Counts);
        Assert.Equal((1.0, 100.0, 8.0), (geometric.Edges[0], geometric.Edges[^1], geometric.Median));
    }

    [Fact]
    public void Counts_that_hardly_differ_have_no_bins_between_them() =>
        Assert.Equal([1, 3], Histogram.OfCounts([79, 80, 80, 80], 12)!.Counts);

    [Fact]
    public void Numbers_that_are_all_alike_are_one_bin_and_no_numbers_are_none()
    {
        Assert.Equal([3], Histogram.OfCounts([5, 5, 5], 12)!.Counts);
        Assert.Equal([2], Histogram.Geometric([0, -1, 3, 3], 12)!.Counts);
        Assert.Null(Histogram.OfCounts([], 12));
        Assert.Null(Histogram.Geometric([0], 12));
    }
}
