using System.Numerics;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Tests;

namespace Saga.Engine.Tests.Scenes;

public sealed class MortonOrderTests
{
    private static readonly SceneBounds UnitBox = new(Vector3.Zero, Vector3.One, Vector3.Zero, Vector3.One);

    [Fact]
    public void The_order_is_that_of_bits_interleaved_one_by_one()
    {
        Random random = new(42);
        float[] points = [.. Enumerable.Range(0, 3000).Select(_ => random.NextSingle() * 4 - 1.5f)];
        int[] all = [.. Enumerable.Range(0, 1000)];

        int[] order = MortonOrder.Sort(points, all, UnitBox);

        Assert.Equal(all.OrderBy(i => SlowKey(points.AsSpan(3 * i, 3))), order);
    }

    [Fact]
    public void Equal_points_keep_their_order()
    {
        var points = new float[3 * 500];
        int[] chosen = [.. Enumerable.Range(0, 500).Where(i => i % 2 == 0)];

        Assert.Equal(chosen, MortonOrder.Sort(points, chosen, SceneBounds.Of(points)));
    }

    [Fact]
    public void Neighbours_in_memory_are_neighbours_in_the_playroom()
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Playroom("gaussians.ply"), new GaussianReadOptions(IncludeColors: false));
        int[] shuffled = [.. Enumerable.Range(0, scene.Count)];
        new Random(42).Shuffle(shuffled);

        double along = 0;
        double across = 0;
        for (int i = 1; i < scene.Count; i++)
        {
            along += Vector3.Distance(Mean(scene, i - 1), Mean(scene, i));
            across += Vector3.Distance(Mean(scene, shuffled[i - 1]), Mean(scene, shuffled[i]));
        }

        Assert.True(along < across / 50, $"{along / scene.Count} along the curve, {across / scene.Count} at random");
    }

    private static Vector3 Mean(GaussianScene scene, int i) => new(scene.Means.AsSpan(3 * i, 3));

    /// <summary>Cells of the box from -1 to 2, bit by bit.</summary>
    private static ulong SlowKey(ReadOnlySpan<float> point)
    {
        ulong key = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            ulong cell = (ulong)Math.Clamp((point[axis] + 1.0) / 3 * 65536, 0, 65535);
            for (int bit = 0; bit < 16; bit++)
            {
                key |= (cell >> bit & 1) << (3 * bit + axis);
            }
        }

        return key;
    }
}
