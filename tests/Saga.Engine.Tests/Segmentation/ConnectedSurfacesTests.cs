using Saga.Engine.Neighbors;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

public class ConnectedSurfacesTests
{
    private const int K = 5;

    [Fact]
    public void Components_equal_a_flood_fill_over_mutual_neighbours()
    {
        Random random = new(6);
        const int count = 1500;
        float[] means = [.. Enumerable.Range(0, 3 * count).Select(_ => random.NextSingle())];
        int[] neighbors = NearestNeighbors.Find(means, K, 1, CancellationToken.None);
        for (int trial = 0; trial < 20; trial++)
        {
            bool[] selected = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < 0.45)];
            int[] seeds = [random.Next(count), random.Next(count), random.Next(count)];
            ushort[] bits = new ushort[(count + 15) / 16];
            for (int i = 0; i < count; i++)
            {
                bits[i / 16] |= (ushort)(selected[i] ? 1 << (i % 16) : 0);
            }

            ConnectedSurfaces.Keep(bits, neighbors, K, seeds);

            bool[] expected = Flood(selected, neighbors, seeds);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(expected[i], (bits[i / 16] >> (i % 16) & 1) != 0);
            }
        }
    }

    [Fact]
    public void A_lone_floater_is_dropped_although_its_nearest_are_selected()
    {
        float[] means = [0, 0, 0, 0.1f, 0, 0, 0, 0.1f, 0, 0, 0, 0.1f, 0.1f, 0.1f, 0, 0.1f, 0, 0.1f, 9, 9, 9];
        ushort[] bits = [0b111_1111];

        ConnectedSurfaces.Keep(bits, NearestNeighbors.Find(means, 4, 1, CancellationToken.None), 4, [0]);

        Assert.Equal(0b011_1111, bits[0]);
    }

    [Fact]
    public void Seeds_that_are_not_selected_keep_nothing()
    {
        ushort[] bits = [0b011];

        ConnectedSurfaces.Keep(bits, [0, 1, 1, 0, 2, 1], 2, [2]);

        Assert.Equal(0, bits[0]);
    }

    private static bool[] Flood(bool[] selected, int[] neighbors, int[] seeds)
    {
        bool[] reached = new bool[selected.Length];
        var open = new Stack<int>(seeds.Where(s => selected[s]));
        while (open.TryPop(out int i))
        {
            if (reached[i])
            {
                continue;
            }

            reached[i] = true;
            for (int j = 0; j < selected.Length; j++)
            {
                if (selected[j] && Row(neighbors, i).Contains(j) && Row(neighbors, j).Contains(i))
                {
                    open.Push(j);
                }
            }
        }

        return reached;
    }

    private static ReadOnlySpan<int> Row(int[] neighbors, int i) => neighbors.AsSpan(i * K, K);
}
