using System.Numerics;
using Saga.Engine.Clustering;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Tests.Segmentation;

namespace Saga.Engine.Tests.Clustering;

public class DecompositionTests
{
    private readonly TwoBlobs _blobs = new();

    [Fact]
    public void A_scene_has_its_objects_at_a_coarse_scale_and_their_parts_at_a_fine_one()
    {
        SceneDecomposition coarse = Decompose(0.8);
        SceneDecomposition fine = Decompose(0.2);

        // The floater is like the left blob.
        Assert.Equal([201, 200], coarse.Clusters.Select(cluster => cluster.Count));
        AssertLabelled(coarse, 0, [.. _blobs.Left, .. _blobs.Floater]);
        AssertLabelled(coarse, 1, _blobs.Right);
        Assert.Equal(3, fine.Clusters.Count);
        AssertLabelled(fine, 0, _blobs.Right);
        Assert.Contains(_blobs.LeftUpper.Length, fine.Clusters.Select(cluster => cluster.Count));
        Assert.Single(_blobs.LeftUpper.Select(record => fine.Labels[record]).Distinct());
        Assert.Equal(0, coarse.UnassignedCount);
        Assert.Equal((401, 401), (coarse.GaussianCount, coarse.SampleCount));

        // Unusable records.
        Assert.Equal(SceneDecomposition.None, coarse.Labels[0]);
        Assert.Equal(SceneDecomposition.None, coarse.Labels[100]);
        Assert.Equal(_blobs.FileCount, coarse.Labels.Length);
    }

    [Fact]
    public void Clusters_say_where_their_Gaussians_are()
    {
        SceneCluster right = Decompose(0.8).Clusters[1];
        Vector3[] means = [.. Enumerable.Range(TwoBlobs.BlobSize, TwoBlobs.BlobSize).Select(i => new Vector3(_blobs.Scene.Means.AsSpan(3 * i, 3)))];

        Assert.Equal(means.Aggregate(Vector3.Min), right.Min);
        Assert.Equal(means.Aggregate(Vector3.Max), right.Max);
        Assert.True(Vector3.Distance(means.Aggregate(Vector3.Add) / means.Length, right.Center) < 1e-5);
    }

    [Fact]
    public void Fine_clusters_are_part_of_coarse_ones()
    {
        SceneDecomposition coarse = Decompose(0.8);
        SceneDecomposition fine = Decompose(0.2);

        ClusterContainment[] parents = ClusterContainment.Of(fine, coarse);

        Assert.Equal(new ClusterContainment(1, 1), parents[fine.Labels[_blobs.Right[0]]]);
        Assert.Equal(new ClusterContainment(0, 1), parents[fine.Labels[_blobs.LeftUpper[0]]]);
        ClusterContainment[] back = ClusterContainment.Of(coarse, fine);
        int larger = fine.Clusters.Take(2).Select((cluster, k) => (cluster, k)).Single(pair => pair.k != fine.Labels[_blobs.Right[0]]).k;
        Assert.Equal(new ClusterContainment(larger, fine.Clusters[larger].Count / 201.0), back[0]);
    }

    [Fact]
    public void Clusters_of_which_nothing_is_assigned_elsewhere_are_part_of_nothing()
    {
        SceneDecomposition all = Decompose(0.8);
        SceneDecomposition left = Decompose(0.8, _blobs.Left);

        Assert.Equal([new ClusterContainment(0, 200 / 201.0), default], ClusterContainment.Of(all, left));
        Assert.Throws<ArgumentException>(() => ClusterContainment.Of(all, new SceneDecomposition([], [], 0, 0)));
    }

    [Fact]
    public void Inside_a_selection_only_its_Gaussians_are_looked_at_and_labelled()
    {
        SceneDecomposition parts = Decompose(0.2, _blobs.Left);
        SceneDecomposition whole = Decompose(0.8, _blobs.Left);

        Assert.Equal(2, parts.Clusters.Count);
        Assert.Equal(200, parts.GaussianCount);
        AssertLabelled(parts, parts.Labels[_blobs.LeftUpper[0]], _blobs.LeftUpper);
        Assert.All(_blobs.Right.Concat(_blobs.Floater), record => Assert.Equal(SceneDecomposition.None, parts.Labels[record]));

        // Nothing parts there, so it is one.
        AssertLabelled(whole, 0, _blobs.Left);
    }

    [Fact]
    public void A_sample_finds_what_all_of_a_scene_shows_and_every_Gaussian_is_labelled()
    {
        (PromptSegmenter segmenter, int[] truth) = Directions(6000, 7);

        SceneDecomposition sampled = segmenter.Decompose(new DecompositionOptions { SampleFraction = 0.05 }, null, 2, CancellationToken.None);

        Assert.Equal(300, sampled.SampleCount);
        Assert.Equal(7, sampled.Clusters.Count);
        Assert.Equal(7, truth.Zip(sampled.Labels).Distinct().Count());
        Assert.DoesNotContain(SceneDecomposition.None, sampled.Labels);
        Assert.Equal(sampled.Clusters.Select(cluster => cluster.Count).OrderDescending(), sampled.Clusters.Select(cluster => cluster.Count));
    }

    [Fact]
    public void The_same_seed_gives_the_same_labels_whatever_the_threads()
    {
        (PromptSegmenter segmenter, _) = Directions(6000, 40);
        var options = new DecompositionOptions { SampleFraction = 0.1, Seed = 5 };

        ushort[] one = segmenter.Decompose(options, null, 1, CancellationToken.None).Labels;
        ushort[] again = segmenter.Decompose(options, null, 2, CancellationToken.None).Labels;
        ushort[] other = segmenter.Decompose(options with { Seed = 6 }, null, 2, CancellationToken.None).Labels;

        Assert.Equal(one, again);
        Assert.NotEqual(one, other);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Fewer_Gaussians_than_the_smallest_cluster_are_none(int count)
    {
        SceneDecomposition result = Decompose(0.5, _blobs.Left[..count]);

        Assert.Empty(result.Clusters);
        Assert.All(result.Labels, label => Assert.Equal(SceneDecomposition.None, label));
        Assert.Equal((count, count), (result.GaussianCount, result.UnassignedCount));
    }

    [Fact]
    public void A_scene_of_one_Gaussian_and_an_empty_selection_have_no_clusters()
    {
        var single = new PromptSegmenter(SyntheticScenes.Scene([0, 0, 0], [-2, -2, -2], [2]), FilterFixtures.Model(8, [1, 0, 0, 0, 0, 0, 0, 0]));

        Assert.Empty(single.Decompose(new DecompositionOptions(), null, 2, CancellationToken.None).Clusters);
        Assert.Equal(0, Decompose(0.5, []).SampleCount);
    }

    [Fact]
    public void Equal_features_are_one_cluster()
    {
        (PromptSegmenter segmenter, _) = Directions(500, 1, spread: 0);

        SceneDecomposition result = segmenter.Decompose(new DecompositionOptions(), null, 2, CancellationToken.None);

        Assert.Equal([500], result.Clusters.Select(cluster => cluster.Count));
    }

    [Fact]
    public void Features_that_are_no_numbers_belong_to_no_cluster_and_disturb_none()
    {
        float[] poison = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3e38f, 0];
        (PromptSegmenter segmenter, int[] truth) = Directions(900, 3, poison: poison);

        SceneDecomposition result = segmenter.Decompose(new DecompositionOptions(), null, 2, CancellationToken.None);

        Assert.Equal(3, result.Clusters.Count);
        for (int i = 0; i < 900; i++)
        {
            Assert.Equal(i % 10 == 3, result.Labels[i] == SceneDecomposition.None);
        }

        Assert.Equal(4, truth.Zip(result.Labels, (t, label) => label == SceneDecomposition.None ? -1 : t).Zip(result.Labels).Distinct().Count());
    }

    [Fact]
    public void Options_out_of_range_are_refused_with_a_code()
    {
        AssertRefused(PromptRefusedException.ScaleOutOfRange, new DecompositionOptions { Scale = double.NaN });
        AssertRefused(PromptRefusedException.ScaleOutOfRange, new DecompositionOptions { Scale = 1.01 });
        AssertRefused(PromptRefusedException.InvalidOptions, new DecompositionOptions { SampleFraction = 0 });
        AssertRefused(PromptRefusedException.InvalidOptions, new DecompositionOptions { SampleFraction = double.NaN });
        AssertRefused(PromptRefusedException.InvalidOptions, new DecompositionOptions { SampleFraction = 1.5 });
        AssertRefused(PromptRefusedException.InvalidOptions, new DecompositionOptions { MinClusterSize = 1 });
        AssertRefused(PromptRefusedException.InvalidOptions, new DecompositionOptions { MinClusterSize = int.MaxValue });
        AssertRefused(PromptRefusedException.SelectionMismatch, new DecompositionOptions(), new GaussianSelection(new byte[1], 8));
    }

    [Theory]   // Gaussians, share, samples
    [InlineData(1_000_000, null, 20_000)]
    [InlineData(5_000_000, null, 20_000)]
    [InlineData(500_000, null, 10_000)]
    [InlineData(50_000, null, 2_000)]
    [InlineData(1_500, null, 1_500)]
    [InlineData(1_000, 0.5, 500)]
    [InlineData(1_000, 1e-9, 1)]
    [InlineData(1_000_000, 1.0, 20_000)]
    [InlineData(0, 0.5, 0)]
    public void Samples_are_two_percent_at_least_two_thousand_and_never_more_than_can_be_clustered(int gaussians, double? fraction, int samples)
    {
        Assert.Equal(samples, new DecompositionOptions { SampleFraction = fraction }.SampleCount(gaussians));
    }

    private void AssertRefused(string code, DecompositionOptions options, GaussianSelection? within = null)
    {
        var segmenter = new PromptSegmenter(_blobs.Scene, _blobs.Model);
        Assert.Equal(
            code, Assert.Throws<PromptRefusedException>(() => segmenter.Decompose(options, within, 2, CancellationToken.None)).Code);
    }

    private SceneDecomposition Decompose(double scale, int[]? within = null)
    {
        GaussianSelection? selection = null;
        if (within is not null)
        {
            byte[] bits = new byte[(_blobs.FileCount + 7) / 8];
            Array.ForEach(within, record => bits[record >> 3] |= (byte)(1 << (record & 7)));
            selection = new GaussianSelection(bits, _blobs.FileCount);
        }

        return new PromptSegmenter(_blobs.Scene, _blobs.Model).Decompose(
            new DecompositionOptions { Scale = scale }, selection, 2, CancellationToken.None);
    }

    private static void AssertLabelled(SceneDecomposition result, int label, int[] records) => Assert.Equal(
        records.Order(), Enumerable.Range(0, result.Labels.Length).Where(record => result.Labels[record] == label));

    // Gaussians with features around so many directions, in turn; every tenth may be poisoned.
    private static (PromptSegmenter Segmenter, int[] Truth) Directions(int count, int directions, float spread = 0.2f, float[]? poison = null)
    {
        Random random = new(9);
        float[] centers = FilterFixtures.Uniform(random, directions * 32);
        float[] features = new float[count * 32];
        for (int i = 0; i < count; i++)
        {
            float[] noise = FilterFixtures.Uniform(random, 32);
            for (int c = 0; c < 32; c++)
            {
                features[32 * i + c] = centers[i % directions * 32 + c] + spread * noise[c];
            }

            if (poison is not null && i % 10 == 3)
            {
                features.AsSpan(32 * i, 32).Fill(poison[i / 10 % poison.Length]);
            }
        }

        GaussianScene scene = SyntheticScenes.Scene(
            FilterFixtures.Uniform(random, 3 * count), [.. Enumerable.Repeat(-2f, 3 * count)], [.. Enumerable.Repeat(2f, count)]);
        return (new PromptSegmenter(scene, FilterFixtures.Model(32, features)), [.. Enumerable.Range(0, count).Select(i => i % directions)]);
    }
}
