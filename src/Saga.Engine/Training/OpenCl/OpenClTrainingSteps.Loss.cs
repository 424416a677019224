using System.Runtime.InteropServices;
using Saga.Engine.Compute.OpenCl;
using Saga.Engine.Training.Cpu;

namespace Saga.Engine.Training.OpenCl;

/// <content>The contrastive loss (<see cref="ContrastiveLoss"/>).</content>
internal sealed partial class OpenClTrainingSteps
{
    private const int ScaleGroup = 256;

    private Pairs Gate(ContrastiveBatch batch, OpenClBuffer rendered)
    {
        int pixels = batch.PixelCount, scales = batch.ScaleCount;
        long rows = (long)pixels * scales;
        var pairs = new Pairs(
            pixels, scales, batch.WordCount, (pixels + Group - 1) / Group * Group,
            Keep<double>("quantiles", batch.Quantiles),
            Room("gates", (long)scales * _channels),
            Room("units", rows * _channels),
            Room("unit inverse norms", rows),
            Keep("identities", sizeof(ulong) * rows * batch.WordCount),
            Room("scale gradients", rows * _channels),
            Room("gate gradients", rows * _channels),
            Room("losses", 2 * rows),
            Keep("loss terms", 4 * sizeof(double)));
        Run("evaluate_gates", (long)scales * _channels, scales, pairs.Quantiles, _gate, pairs.Gates);
        Run(
            "gate_pixels", rows, pixels, scales, batch.WordCount, rendered, pairs.Gates,
            Keep<ulong>("membership", batch.Membership.AsSpan(0, pixels * batch.WordCount)),
            Keep<int>("masks below", batch.MasksBelow), pairs.Units, pairs.InverseNorms, pairs.Identities);
        return pairs;
    }

    private void RunLogistic(ContrastiveBatch batch, Pairs pairs)
    {
        OpenClBuffer weights = Room("pixel weights", (long)pairs.Pixels * pairs.Scales);
        Run(
            "weigh_pixels", (long)pairs.Pixels * pairs.Scales, pairs.Pixels, pairs.Scales, pairs.Words, pairs.Identities,
            ContrastiveLoss.LogisticMinPositives, weights);
        float[] constants = new float[2 * pairs.Scales];
        for (int s = 0; s < pairs.Scales; s++)
        {
            constants[2 * s] = (float)_options.NegativeWeightAt(batch.Quantiles[s]);
            constants[2 * s + 1] = (float)_options.DecisionCosineAt(batch.Quantiles[s]);
        }

        Run(
            "logistic_gradients", (long)pairs.Scales * pairs.PaddedPixels, pairs.Pixels, pairs.PaddedPixels, pairs.Words, pairs.Units, pairs.Identities,
            weights, Keep<float>("constants", constants), 1 / (float)_options.DecisionTemperature, pairs.Gradients, pairs.Losses);
    }

    private void RunPublished(ContrastiveBatch batch, Pairs pairs, ulong key)
    {
        long square = (long)pairs.Pixels * pairs.Pixels;
        OpenClBuffer facts = Keep("pair facts", square);
        OpenClBuffer counts = Keep("pair counts", 5 * sizeof(int));
        _session.Fill(counts, 0, 5 * sizeof(int));
        Run(
            "survey_pairs", square, pairs.Pixels, pairs.Scales, pairs.Words, pairs.Units, pairs.Identities, PairSurvey.HardPositiveCosine,
            PairSurvey.HardNegativeCosine, facts, counts);
        Span<int> found = stackalloc int[5];
        _session.Read(counts, found);
        (double keepPositive, double keepNegative) = PairSurvey.Shares(pairs.Pixels, found[0], found[1], found[2]);
        Run("select_pairs", square, pairs.Pixels, key, keepPositive, keepNegative, facts, counts);
        _session.Read(counts, found);
        float[] ratios = new float[pairs.Pixels];
        (float offset, float factor) = batch.PairWeights(ratios);
        Run(
            "published_gradients", (long)pairs.Scales * pairs.PaddedPixels, pairs.Pixels, pairs.PaddedPixels, pairs.Words, pairs.Units, pairs.Identities,
            facts, Keep<float>("ratios", ratios), offset, factor, (float)(1.0 / Math.Max(1, (long)pairs.Scales * found[3])),
            (float)(1.0 / Math.Max(1, (long)pairs.Scales * found[4])), pairs.Gradients, pairs.Losses);
    }

    // dL/dF, [pixels, channels].
    private OpenClBuffer FinishLoss(Pairs pairs, OpenClBuffer rendered)
    {
        Run(
            "through_gate", (long)pairs.Pixels * pairs.Scales, pairs.Pixels, pairs.Scales, rendered, pairs.Gates, pairs.Units, pairs.InverseNorms,
            pairs.Gradients, pairs.GateGradients);
        OpenClBuffer norms = Keep("rendered norms", sizeof(double) * (long)pairs.Pixels);
        Run("rendered_norms", pairs.Pixels, pairs.Pixels, rendered, norms);
        _session.Run(_program, "sum_losses", ScaleGroup, ScaleGroup, pairs.Pixels, pairs.Scales, pairs.Losses, norms, pairs.Terms);
        OpenClBuffer gradients = Room("rendered gradients", (long)pairs.Pixels * _channels);
        Run(
            "sum_scales", (long)pairs.Pixels * _channels, pairs.Pixels, pairs.Scales, rendered, pairs.Gradients, norms, pairs.Terms, gradients);
        return gradients;
    }

    /// <summary>What the loss works on; rows are scale by scale, pixel by pixel.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Pairs(
        int Pixels, int Scales, int Words, int PaddedPixels, OpenClBuffer Quantiles, OpenClBuffer Gates, OpenClBuffer Units,
        OpenClBuffer InverseNorms, OpenClBuffer Identities, OpenClBuffer Gradients, OpenClBuffer GateGradients, OpenClBuffer Losses, OpenClBuffer Terms);
}
