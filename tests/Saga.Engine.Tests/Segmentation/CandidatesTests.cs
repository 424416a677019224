using Saga.Engine.Affinity;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

public class CandidatesTests
{
    private readonly TwoBlobs _blobs = new();
    private readonly PromptSegmenter _segmenter;

    public CandidatesTests() => _segmenter = new PromptSegmenter(_blobs.Scene, _blobs.Model);

    private PixelPosition OnLeftUpper => _blobs.Pixel(-1, -0.25, -0.3);

    [Fact]
    public void A_click_on_a_part_offers_the_part_and_the_whole()
    {
        CandidatesResult result = Candidates(Prompt());

        int[] whole = [.. _blobs.Left.Concat(_blobs.Floater).Order()];
        Assert.Equal(_blobs.LeftUpper, At(Prompt(), result.Candidates[0]));
        Assert.Equal(whole, At(Prompt(), result.Candidates[^1]));
        Assert.Equal(result.Candidates.OrderBy(c => c.Quantile), result.Candidates);
        Assert.InRange(result.Candidates.Sum(c => c.Stability), 0.9, 1.0);
        Assert.InRange(Assert.Single(result.Points).Alpha, 0.5f, 1f);
    }

    [Fact]
    public void Ranges_follow_each_other_and_each_scale_selects_what_its_range_stands_for()
    {
        IReadOnlyList<ScaleCandidate> candidates = Candidates(Prompt()).Candidates;

        Assert.Equal(0, candidates[0].FirstQuantile);
        Assert.Equal(1, candidates[^1].LastQuantile);
        Assert.All(candidates.Zip(candidates.Skip(1)), pair => Assert.Equal(
            pair.First.LastQuantile + 1.0 / 31, pair.Second.FirstQuantile, 1e-12));
        int[][] selections = [.. candidates.Select(candidate => At(Prompt(), candidate))];
        for (int step = 0; step < 32; step++)
        {
            double scale = step / 31.0;
            int[] selected = _segmenter.Segment(Prompt() with { Quantile = scale }, CancellationToken.None).Selection.ToIndices();
            int nearest = Enumerable.Range(0, candidates.Count).MaxBy(c => Iou(selections[c], selected));
            Assert.True(
                candidates[nearest].FirstQuantile <= scale && scale <= candidates[nearest].LastQuantile,
                $"At scale {scale} the selection is that of candidate {nearest}, which stands for {candidates[nearest]}");
        }

        static double Iou(int[] a, int[] b) => a.Intersect(b).Count() / (double)a.Union(b).Count();
    }

    [Fact]
    public void A_prompt_without_a_scale_means_its_most_stable_candidate()
    {
        ScaleCandidate best = Candidates(Prompt()).Candidates.MaxBy(candidate => candidate.Stability)!;
        Assert.Equal(best.Quantile, _segmenter.MostStableQuantile(Prompt(), 2, CancellationToken.None));

        // Where every scale selects the whole scene, that is what is meant.
        PointPrompt loose = Prompt() with { Threshold = -1f };
        Assert.Equal(_blobs.Scene.Count, Candidates(loose).Candidates.Single().SelectedCount);
        Assert.InRange(_segmenter.MostStableQuantile(loose, 2, CancellationToken.None), 0.3, 0.7);
        Assert.Equal(0.5, _segmenter.MostStableQuantile(
            Prompt() with { Points = [new PromptPoint(OnLeftUpper, true), new PromptPoint(OnLeftUpper, false)] }, 2, CancellationToken.None));
        Assert.Throws<PromptRefusedException>(() => _segmenter.MostStableQuantile(Prompt() with { Points = [] }, 2, CancellationToken.None));
    }

    [Fact]
    public void The_most_stable_candidate_is_not_the_whole_scene_while_there_is_a_thing_in_it()
    {
        // Both blobs share what is left of their features above 0.5, which is more than half of all scales.
        float[] features = [.. _blobs.Model.Features];
        float[] weights = new float[TwoBlobs.Dimension];
        float[] biases = [.. Enumerable.Repeat(10f, TwoBlobs.Dimension)];
        for (int i = 0; i < _blobs.Scene.Count; i++)
        {
            (features[TwoBlobs.Dimension * i + 2], features[TwoBlobs.Dimension * i + 3]) = (_blobs.Scene.Means[3 * i] < 0 ? 3 : -3, 0);
            features[TwoBlobs.Dimension * i] = features[TwoBlobs.Dimension * i + 1] = 1;
        }

        (weights[2], biases[2]) = (-40, 14);
        var segmenter = new PromptSegmenter(_blobs.Scene, new AffinityModel
        {
            Dimension = TwoBlobs.Dimension,
            Features = features,
            Gate = new ScaleGate(weights, biases),
            Quantiles = _blobs.Model.Quantiles,
            Info = _blobs.Model.Info,
        });
        IReadOnlyList<ScaleCandidate> candidates = segmenter.Candidates(Prompt(), 2, CancellationToken.None).Candidates;

        ScaleCandidate whole = candidates.MaxBy(candidate => candidate.Stability)!;
        Assert.Equal(_blobs.Scene.Count, whole.SelectedCount);
        double scale = segmenter.MostStableQuantile(Prompt(), 2, CancellationToken.None);
        ScaleCandidate meant = Assert.Single(candidates, candidate => candidate.Quantile == scale);
        Assert.Equal(TwoBlobs.BlobSize, meant.SelectedCount);
    }

    [Fact]
    public void Connected_and_within_hold_for_candidates_too()
    {
        PointPrompt connected = Prompt() with { Connected = true };
        Assert.Equal(_blobs.Left, At(connected, Candidates(connected).Candidates[^1]));

        byte[] bits = new byte[(_blobs.FileCount + 7) / 8];
        foreach (int record in _blobs.LeftUpper)
        {
            bits[record >> 3] |= (byte)(1 << (record & 7));
        }

        // Inside the part, the part is all that any scale selects.
        PointPrompt within = Prompt() with { Within = new GaussianSelection(bits, _blobs.FileCount) };
        Assert.Equal(_blobs.LeftUpper, At(within, Assert.Single(Candidates(within).Candidates)));
        Assert.Single(Candidates(within with { Connected = true }).Candidates);
    }

    [Fact]
    public void Nothing_selected_at_any_scale_gives_no_candidates()
    {
        PointPrompt prompt = Prompt() with { Points = [new PromptPoint(OnLeftUpper, true), new PromptPoint(OnLeftUpper, false)] };
        Assert.Empty(Candidates(prompt).Candidates);
    }

    [Fact]
    public void A_prompt_that_cannot_be_answered_is_refused()
    {
        Assert.Equal(PromptRefusedException.NoPositivePoint, Refusal(Prompt() with { Points = [] }));
        Assert.Equal(PromptRefusedException.ThresholdOutOfRange, Refusal(Prompt() with { Threshold = float.NaN }));
        Assert.Equal(
            PromptRefusedException.PointOutsideView,
            Refusal(Prompt() with { Points = [new PromptPoint(new PixelPosition(-5, 3), true)] }));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => _segmenter.Candidates(Prompt(), 2, cancelled.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(62_500)]
    [InlineData(400_000)]
    public void A_sample_has_each_run_once_and_stands_for_the_whole_scene(int blocks)
    {
        int runs = (blocks + SweepSample.RunBlocks - 1) / SweepSample.RunBlocks;
        SweepSample sample = SweepSample.Of(blocks, [0, blocks * 8, blocks * 16 - 1]);

        Assert.Equal(sample.Runs.Length, sample.Runs.Distinct().Count());
        Assert.All(sample.Runs, run => Assert.InRange(run, 0, runs - 1));
        Assert.InRange(sample.Runs.Length, Math.Min(runs, 350), 512);
        int standsFor = sample.NearCount + (sample.Runs.Length - sample.NearCount) * sample.FarWeight;
        Assert.InRange(standsFor, runs - sample.FarWeight, runs + sample.FarWeight);
        Assert.Contains(runs - 1, sample.Runs);
        Assert.Contains(blocks * 8 / (SweepSample.RunBlocks * 16), sample.Runs);
    }

    [Fact]
    public void A_sampled_scene_gives_exact_counts_and_the_same_ones_for_any_threads()
    {
        // Quarters and halves of a cloud, which the gate tells apart at fine scales only.
        const int count = 200_000;
        Random random = new(11);
        GaussianScene scene = SyntheticScenes.Cloud(random, count, 0.003, 0.01);
        float[] features = new float[8 * count];
        for (int i = 0; i < count; i++)
        {
            features[8 * i] = 1;
            features[8 * i + 1 + (scene.Means[3 * i] > 0 ? 1 : 0)] = 1.5f;
            features[8 * i + 3 + (scene.Means[3 * i + 1] > 0 ? 1 : 0)] = 1.5f;
        }

        AffinityModel model = FilterFixtures.Model(8, features);
        float[] weights = [0, -30, -30, -30, -30, 0, 0, 0];
        float[] biases = [5, 21, 21, 10, 10, 0, 0, 0];
        model = new AffinityModel
        {
            Dimension = 8,
            Features = features,
            Gate = new ScaleGate(weights, biases),
            Quantiles = model.Quantiles,
            Info = model.Info,
        };
        var segmenter = new PromptSegmenter(scene, model);
        PointPrompt prompt = new(
            SyntheticScenes.LookAt([0, 0, -3], [0.3, 0.3, 0]), [new PromptPoint(new PixelPosition(48, 36), true)], 0.5);

        CandidatesResult one = segmenter.Candidates(prompt, 1, CancellationToken.None);
        CandidatesResult many = segmenter.Candidates(prompt, 7, CancellationToken.None);

        Assert.InRange(one.Candidates.Count, 2, Granularities.MaxCount);
        Assert.Equal(one.Candidates, many.Candidates);
        Assert.Equal(count, one.Candidates[^1].SelectedCount);
        Assert.InRange(one.Candidates[0].SelectedCount, count / 5, count * 3 / 10);
        foreach (ScaleCandidate candidate in one.Candidates)
        {
            PromptResult alone = segmenter.Segment(prompt with { Quantile = candidate.Quantile }, CancellationToken.None);
            Assert.Equal(alone.Selection.SelectedCount, candidate.SelectedCount);
        }
    }

    // What the candidate promises, after its count was checked.
    private int[] At(PointPrompt prompt, ScaleCandidate candidate)
    {
        PromptResult result = _segmenter.Segment(prompt with { Quantile = candidate.Quantile }, CancellationToken.None);
        Assert.Equal(result.Selection.SelectedCount, candidate.SelectedCount);
        return result.Selection.ToIndices();
    }

    private PointPrompt Prompt() => new(_blobs.Camera, [new PromptPoint(OnLeftUpper, true)], 0.5);

    private CandidatesResult Candidates(PointPrompt prompt) => _segmenter.Candidates(prompt, 2, CancellationToken.None);

    private string Refusal(PointPrompt prompt) => Assert.Throws<PromptRefusedException>(() => Candidates(prompt)).Code;
}
