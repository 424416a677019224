using Saga.Engine.Neighbors;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Segmentation;
using Saga.Engine.Selections;
using Saga.Engine.Tests.Segmentation;
using Saga.Tests;

namespace Saga.Engine.Tests.Selections;

public sealed class FloaterTests
{
    private const ushort Floater = ushort.MaxValue;

    [Fact]
    public void The_samples_floaters_are_found_and_little_else()
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Playroom("gaussians.ply"), new GaussianReadOptions(IncludeColors: false));
        Npy labels = Npy.Read(SharedData.Playroom("labels.npy"));
        bool[] floaters = [.. Enumerable.Range(0, scene.FileGaussianCount).Select(record => labels.Values[2 * record] == Floater)];
        var editor = new SelectionEditor(scene, new NeighborGraph(scene));
        GaussianSelection all = SelectionReference.Records(scene, scene.FileIndices);

        GaussianSelection kept = editor.WithoutFloaters(all, SelectionEditor.MinPieceSize, default);

        int missed = kept.ToIndices().Count(record => floaters[record]);
        int wrong = scene.FileIndices.Count(record => !floaters[record] && !kept.Contains(record));
        Assert.InRange(missed, 0, floaters.Count(f => f) / 50);
        Assert.InRange(wrong, 0, scene.Count / 1000);

        // Nothing of it depends on the unit, or on how many of the others are selected.
        GaussianScene scaled = Scaled(scene, 1000);
        Assert.Equal(kept.Bits.ToArray(), new SelectionEditor(scaled, new NeighborGraph(scaled))
            .WithoutFloaters(all, SelectionEditor.MinPieceSize, default).Bits.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Haze_that_thins_out_gradually_is_cut_where_the_definition_says(int seed)
    {
        Random random = new(seed);
        GaussianScene cloud = SyntheticScenes.Cloud(random, 700, 0.01, 0.2);
        for (int i = 0; i < cloud.Count; i += 2)
        {
            float away = 1 + 3 * random.NextSingle();
            for (int axis = 0; axis < 3; axis++)
            {
                cloud.Means[3 * i + axis] *= away;
                cloud.LogScales[3 * i + axis] += random.NextSingle();
            }
        }

        var reference = new SelectionReference(cloud);
        var editor = new SelectionEditor(cloud, new NeighborGraph(cloud));
        HashSet<int> members = [.. Enumerable.Range(0, cloud.Count).Where(i => i % 4 != 0 || random.Next(2) == 0)];
        HashSet<int> kept = reference.WithoutHaze(members);

        Assert.InRange(kept.Count, 1, members.Count - 3);
        Assert.Equal(
            kept.Order(), reference.Members(editor.WithoutFloaters(reference.Selection(members), 1, default)).Order());
    }

    [Theory]
    [InlineData("plush", "gaussians.ply")]
    [InlineData("captures", "guitar_91k.ply")]
    [InlineData("captures", "flowers_93k.ply")]
    public void Of_a_real_capture_a_small_part_goes_and_what_goes_carries_little(string folder, string file)
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Require("data", folder, file), new GaussianReadOptions(IncludeColors: false));
        var editor = new SelectionEditor(scene, new NeighborGraph(scene));
        GaussianSelection all = SelectionReference.Records(scene, scene.FileIndices);

        GaussianSelection kept = editor.WithoutFloaters(all, SelectionEditor.MinPieceSize, default);

        Assert.InRange(kept.SelectedCount, scene.Count * 95L / 100, scene.Count - 1);
    }

    [Fact]
    public void Evenly_spaced_Gaussians_are_no_floaters()
    {
        float[] means = [.. from x in Enumerable.Range(0, 9) from y in Enumerable.Range(0, 9) from c in new float[] { x, y, 0 } select c];
        GaussianScene grid = SyntheticScenes.Scene(means, new float[3 * 81], [.. Enumerable.Repeat(-4f, 81)]);

        Assert.Equal(81, Kept(grid, 16));
    }

    [Fact]
    public void A_selection_smaller_than_a_piece_must_be_is_not_emptied()
    {
        GaussianScene few = SyntheticScenes.Scene([0, 0, 0, 1, 0, 0, 2, 0, 0], new float[9], new float[3]);
        Assert.Equal(3, Kept(few, 16));
        Assert.Equal(1, Kept(SyntheticScenes.Scene([5, 5, 5], new float[3], [-9]), int.MaxValue));
    }

    [Fact]
    public void Heaps_in_one_place_and_enormous_values_do_not_fail()
    {
        const int count = 100;
        float[] heap = [.. Enumerable.Range(0, 3 * count).Select(i => i < 3 * 80 ? 1f : i)];
        Assert.InRange(Kept(SyntheticScenes.Scene(heap, new float[3 * count], [.. Enumerable.Repeat(-9f, count)]), 1), 80, count);

        float[] wild = [.. Enumerable.Range(0, 3 * count).Select(i => i % 7 == 0 ? 3e38f : -i * 1e30f)];
        float[] sizes = [.. Enumerable.Range(0, 3 * count).Select(i => i % 5 == 0 ? 80f : -80f)];
        Assert.InRange(Kept(SyntheticScenes.Scene(wild, sizes, new float[count]), 1), 1, count);
    }

    private static int Kept(GaussianScene scene, int minPieceSize) => new SelectionEditor(scene, new NeighborGraph(scene))
        .WithoutFloaters(SelectionReference.Records(scene, scene.FileIndices), minPieceSize, default).SelectedCount;

    private static GaussianScene Scaled(GaussianScene scene, float factor) => SyntheticScenes.Scene(
        [.. scene.Means.Select(m => m * factor)], [.. scene.LogScales.Select(s => s + MathF.Log(factor))], scene.OpacityLogits,
        scene.Rotations, scene.FileIndices, scene.FileGaussianCount);
}
