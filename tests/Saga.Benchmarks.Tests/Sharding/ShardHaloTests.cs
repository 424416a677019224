using Saga.Benchmarks.Sharding;

namespace Saga.Benchmarks.Tests.Sharding;

public sealed class ShardHaloTests
{
    [Fact]
    public void A_neighbour_in_another_shard_counts_once_for_each_shard()
    {
        // Six in a row, two to a shard; each knows the one before and the one after, at the ends itself.
        int[] neighbors = [0, 1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 5];

        Assert.Equal(4 / 6.0, ShardHalo.Share(neighbors, 2, 3));
        Assert.Equal(0, ShardHalo.Share(neighbors, 2, 1));
    }
}
