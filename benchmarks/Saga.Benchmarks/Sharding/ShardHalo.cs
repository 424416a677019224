using System.Globalization;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Neighbors;

namespace Saga.Benchmarks.Sharding;

/// <summary>How many Gaussians of other shards a shard needs for its neighbourhoods: to smooth in training, to grow a selection.</summary>
internal static class ShardHalo
{
    private const int Neighbors = 16;

    private static readonly int[] ShardCounts = [16, 64, 256];

    /// <summary>Prints the share for several numbers of shards.</summary>
    public static void Write(ScaledScene scene, CancellationToken cancellationToken)
    {
        int[] neighbors = NearestNeighbors.Find(scene.Gaussians.Means, Neighbors, Environment.ProcessorCount, cancellationToken);
        Console.WriteLine($"| {scene.Gaussians.Count} Gaussians in so many shards | {string.Join(" | ", ShardCounts)} |");
        Console.WriteLine("|---|---|---|---|");
        IEnumerable<string> shares = ShardCounts.Select(
            shards => Share(neighbors, Neighbors, shards).ToString("0.0%", CultureInfo.InvariantCulture));
        Console.WriteLine($"| Gaussians of others among the {Neighbors} nearest, to those of the shard | {string.Join(" | ", shares)} |");
        Console.WriteLine();
    }

    /// <summary>Gaussians of other shards that are near one of a shard, over those of the shard, on average.</summary>
    /// <param name="neighbors">Nearest neighbours along the Morton order, [count, k].</param>
    /// <param name="k">Neighbours of a Gaussian.</param>
    /// <param name="shards">Ranges of equal size.</param>
    public static double Share(ReadOnlySpan<int> neighbors, int k, int shards)
    {
        int count = neighbors.Length / k;
        int[] counted = new int[count];
        Array.Fill(counted, -1);
        long halo = 0;
        for (int i = 0; i < count; i++)
        {
            int shard = ShardOf(i);
            foreach (int neighbor in neighbors.Slice(i * k, k))
            {
                if (ShardOf(neighbor) != shard && counted[neighbor] != shard)
                {
                    counted[neighbor] = shard;
                    halo++;
                }
            }
        }

        return halo / (double)count;

        int ShardOf(int index) => (int)((long)index * shards / count);
    }
}
