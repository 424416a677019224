using Saga.Engine.Training;

namespace Saga.Engine.Tests.Training;

/// <summary>The contrastive loss straight from §6, in double precision, with dense pairs × scales arrays.</summary>
internal sealed class ContrastiveLossReference
{
    public required double[,] Features { get; init; }

    public required double[] GateWeight { get; init; }

    public required double[] GateBias { get; init; }

    public required double[] Quantiles { get; init; }

    /// <summary>[scale, pixel, pixel].</summary>
    public required bool[,,] Correspondence { get; init; }

    /// <summary>[pixel, pixel].</summary>
    public required double[,] PairWeights { get; init; }

    public required double[] Draws { get; init; }

    public required ContrastiveLossForm Form { get; init; }

    /// <summary>Constants of the logistic form.</summary>
    public AffinityTrainingOptions Options { get; init; } = AffinityTrainingOptions.Balanced;

    /// <summary>Pairs chosen by <see cref="SelectPairs"/>; fixed while gradients are checked.</summary>
    public bool[,]? Positive { get; private set; }

    public bool[,]? Negative { get; private set; }

    private int Pixels => Features.GetLength(0);

    private int Channels => Features.GetLength(1);

    private int Scales => Quantiles.Length;

    public static bool[,,] Correspond(ContrastiveBatch batch)
    {
        int pixels = batch.PixelCount;
        var result = new bool[batch.ScaleCount, pixels, pixels];
        var identities = new ulong[pixels][];
        for (int s = 0; s < batch.ScaleCount; s++)
        {
            for (int p = 0; p < pixels; p++)
            {
                identities[p] = new ulong[batch.WordCount];
                for (int m = 0; m < batch.WordCount * 64; m++)
                {
                    bool contains = (batch.Membership[p * batch.WordCount + m / 64] >> (m % 64) & 1) != 0;
                    bool counts = m < batch.MasksBelow[s] || !Enumerable.Range(batch.MasksBelow[s], m - batch.MasksBelow[s])
                        .Any(o => (batch.Membership[p * batch.WordCount + o / 64] >> (o % 64) & 1) != 0);
                    if (contains && counts)
                    {
                        identities[p][m / 64] |= 1UL << (m % 64);
                    }
                }
            }

            for (int p = 0; p < pixels; p++)
            {
                for (int q = 0; q < pixels; q++)
                {
                    result[s, p, q] = identities[p].Zip(identities[q]).Any(pair => (pair.First & pair.Second) != 0);
                }
            }
        }

        return result;
    }

    public static double[,] WeighPairs(ReadOnlySpan<float> meanMaskArea)
    {
        int pixels = meanMaskArea.Length;
        var area = new double[pixels, pixels];
        double max = 0;
        for (int p = 0; p < pixels; p++)
        {
            for (int q = 0; q < pixels; q++)
            {
                area[p, q] = (double)meanMaskArea[p] * meanMaskArea[q];
                max = Math.Max(max, area[p, q]);
            }
        }

        double low = double.MaxValue;
        double high = 0;
        foreach (double a in area)
        {
            low = Math.Min(low, max / a);
            high = Math.Max(high, max / a);
        }

        for (int p = 0; p < pixels; p++)
        {
            for (int q = 0; q < pixels; q++)
            {
                area[p, q] = high > low ? 1 + 9 * (max / area[p, q] - low) / (high - low) : 1;
            }
        }

        return area;
    }

    public double[,,] Cosines()
    {
        var cosines = new double[Scales, Pixels, Pixels];
        for (int s = 0; s < Scales; s++)
        {
            double[,] unit = Unit(s);
            for (int p = 0; p < Pixels; p++)
            {
                for (int q = 0; q < Pixels; q++)
                {
                    for (int c = 0; c < Channels; c++)
                    {
                        cosines[s, p, q] += unit[p, c] * unit[q, c];
                    }
                }
            }
        }

        return cosines;
    }

    public void SelectPairs()
    {
        double[,,] cosines = Cosines();
        Positive = new bool[Pixels, Pixels];
        Negative = new bool[Pixels, Pixels];
        int inconsistent = 0;
        int positives = 0;
        int negatives = 0;
        var agreeing = new int[Pixels, Pixels];
        for (int p = 0; p < Pixels; p++)
        {
            for (int q = 0; q < Pixels; q++)
            {
                agreeing[p, q] = Enumerable.Range(0, Scales).Count(s => Correspondence[s, p, q]);
                positives += agreeing[p, q] == Scales ? 1 : 0;
                negatives += agreeing[p, q] == 0 ? 1 : 0;
                inconsistent += agreeing[p, q] != 0 && agreeing[p, q] != Scales ? 1 : 0;
            }
        }

        for (int p = 0; p < Pixels; p++)
        {
            for (int q = p + 1; q < Pixels; q++)
            {
                bool mixed = agreeing[p, q] != 0 && agreeing[p, q] != Scales;
                double draw = Draws[p * Pixels + q];
                bool keepPositive = agreeing[p, q] == Scales && draw < inconsistent / 2.0 / Math.Max(1, positives);
                bool keepNegative = agreeing[p, q] == 0 && draw < inconsistent / 2.0 / Math.Max(1, negatives);
                bool hardPositive = Enumerable.Range(0, Scales).Any(s => Correspondence[s, p, q] && cosines[s, p, q] < 0.75);
                bool hardNegative = Enumerable.Range(0, Scales).Any(s => !Correspondence[s, p, q] && cosines[s, p, q] > 0.5);
                Positive[p, q] = mixed || keepPositive || hardPositive;
                Negative[p, q] = mixed || keepNegative || hardNegative;
            }
        }
    }

    public (double Positive, double Negative, double Norm) Loss()
    {
        double[,,] cosines = Cosines();
        double positive = 0;
        double negative = 0;
        for (int s = 0; s < Scales; s++)
        {
            for (int p = 0; p < Pixels; p++)
            {
                for (int q = p + 1; q < Pixels; q++)
                {
                    double cost = PairCost(s, p, q, cosines[s, p, q]).Cost;
                    positive += Correspondence[s, p, q] ? cost : 0;
                    negative += Correspondence[s, p, q] ? 0 : cost;
                }
            }
        }

        double gap = 1 - Norms().Sum() / Pixels;
        return (positive, negative, gap * gap);
    }

    /// <summary>Analytic gradient: the same chain as the fast kernel, dense and in double.</summary>
    public (double[,] Features, double[] Weight, double[] Bias) Gradients()
    {
        double[,,] cosines = Cosines();
        var featureGradients = new double[Pixels, Channels];
        var weightGradients = new double[Channels];
        var biasGradients = new double[Channels];
        for (int s = 0; s < Scales; s++)
        {
            double[] gate = Gate(s);
            double[,] unit = Unit(s);
            var unitGradients = new double[Pixels, Channels];
            for (int p = 0; p < Pixels; p++)
            {
                for (int q = p + 1; q < Pixels; q++)
                {
                    double slope = PairCost(s, p, q, cosines[s, p, q]).Slope;
                    for (int c = 0; c < Channels; c++)
                    {
                        unitGradients[p, c] += slope * unit[q, c];
                        unitGradients[q, c] += slope * unit[p, c];
                    }
                }
            }

            for (int p = 0; p < Pixels; p++)
            {
                double norm = Math.Sqrt(Enumerable.Range(0, Channels).Sum(c => Math.Pow(Features[p, c] * gate[c], 2)));
                double along = Enumerable.Range(0, Channels).Sum(c => unitGradients[p, c] * unit[p, c]);
                for (int c = 0; c < Channels; c++)
                {
                    double gated = (unitGradients[p, c] - along * unit[p, c]) / norm;
                    featureGradients[p, c] += gated * gate[c];
                    double slope = gated * Features[p, c] * gate[c] * (1 - gate[c]);
                    weightGradients[c] += slope * Quantiles[s];
                    biasGradients[c] += slope;
                }
            }
        }

        double[] norms = Norms();
        double gap = 1 - norms.Sum() / Pixels;
        for (int p = 0; p < Pixels; p++)
        {
            for (int c = 0; c < Channels; c++)
            {
                featureGradients[p, c] += -2 * gap / Pixels * Features[p, c] / norms[p];
            }
        }

        return (featureGradients, weightGradients, biasGradients);
    }

    /// <summary>What one pair adds to the loss at one scale, and the derivative with respect to its cosine.</summary>
    private (double Cost, double Slope) PairCost(int scale, int p, int q, double cosine)
    {
        bool together = Correspondence[scale, p, q];
        if (Form == ContrastiveLossForm.Logistic)
        {
            double fine = Options.FineNegativeWeight;
            double factor = Share(scale, p) + Share(scale, q);
            factor *= together ? 1 : fine * Math.Pow(Options.CoarseNegativeWeight / fine, Quantiles[scale]);
            double sign = together ? -1 : 1;
            double quantile = Quantiles[scale];
            double decision = (1 - quantile) * Options.FineDecisionCosine + quantile * Options.CoarseDecisionCosine;
            double u = sign * (cosine - decision) / Options.DecisionTemperature;
            return (factor * Math.Log(1 + Math.Exp(u)), factor * sign / Options.DecisionTemperature / (1 + Math.Exp(-u)));
        }

        if (together)
        {
            double pull = Positive![p, q] ? -PairWeights[p, q] / (Scales * Count(Positive)) : 0;
            return (pull * cosine, pull);
        }

        double push = Negative![p, q] && cosine > 0 ? PairWeights[p, q] / (Scales * Count(Negative)) : 0;
        return (push * cosine, push);
    }

    private double Share(int scale, int p)
    {
        int partners = Enumerable.Range(0, Pixels).Count(q => q != p && Correspondence[scale, p, q]);
        return 1.0 / (Math.Max(partners, 8) * Pixels * Scales);
    }

    private double[] Norms() =>
        [.. Enumerable.Range(0, Pixels).Select(p => Math.Sqrt(Enumerable.Range(0, Channels).Sum(c => Features[p, c] * Features[p, c])))];

    private static double Count(bool[,]? pairs) => pairs?.Cast<bool>().Count(p => p) ?? 0;

    private double[] Gate(int s) =>
        [.. Enumerable.Range(0, Channels).Select(c => 1 / (1 + Math.Exp(-(GateWeight[c] * Quantiles[s] + GateBias[c]))))];

    private double[,] Unit(int s)
    {
        double[] gate = Gate(s);
        var unit = new double[Pixels, Channels];
        for (int p = 0; p < Pixels; p++)
        {
            double norm = Math.Sqrt(Enumerable.Range(0, Channels).Sum(c => Math.Pow(Features[p, c] * gate[c], 2)));
            for (int c = 0; c < Channels; c++)
            {
                unit[p, c] = norm > 0 ? Features[p, c] * gate[c] / norm : 0;
            }
        }

        return unit;
    }
}
