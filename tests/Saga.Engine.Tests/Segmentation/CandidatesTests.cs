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
