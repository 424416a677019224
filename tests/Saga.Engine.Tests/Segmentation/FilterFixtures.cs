using System.Numerics;
using System.Runtime.Intrinsics;
using Saga.Engine.Affinity;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

/// <summary>Prompts and features for the 8-bit filter, and its comparison with the float32 kernel.</summary>
internal static class FilterFixtures
{
    /// <summary>Compares every width of the filter with the scalar float32 kernel on the same features; returns how many are selected.</summary>
    public static int AssertAllWidthsEqualFloat32(FeatureBlocks features, GatedQueries queries, float threshold)
    {
        ushort[] expected = new ushort[features.BlockCount];
        GatedSimilarityKernel.Run<float, Lanes1>(FeatureDecoder.All(features), queries, threshold, expected);
        if (FilterBounds.TryCreate(queries, features.PairCount) is { } bounds)
        {
            FilterLimits[] limits = FilterLimits.At(bounds, threshold);
            ushort[] selected = new ushort[features.BlockCount];
            int inexact = SimilarityFilterKernel.Run<int, float, FilterLanes1, Lanes1>(
                features, queries, bounds, limits, threshold, 0, selected);
            Assert.Equal(expected, selected);
            if (FilterLanes128.IsSupported)
            {
                Assert.Equal(inexact, SimilarityFilterKernel.Run<Vector128<int>, Vector128<float>, FilterLanes128, Lanes128>(
                    features, queries, bounds, limits, threshold, 0, selected));
                Assert.Equal(expected, selected);
            }

            if (FilterLanes256.IsSupported)
            {
                Assert.Equal(inexact, SimilarityFilterKernel.Run<Vector256<int>, Vector256<float>, FilterLanes256, Lanes256>(
                    features, queries, bounds, limits, threshold, 0, selected));
                Assert.Equal(expected, selected);
            }

            if (FilterLanes512.IsSupported)
            {
                Assert.Equal(inexact, SimilarityFilterKernel.Run<Vector512<int>, Vector512<float>, FilterLanes512, Lanes512>(
                    features, queries, bounds, limits, threshold, 0, selected));
                Assert.Equal(expected, selected);
            }
        }

        if (features.Count % 16 != 0)
        {
            expected[^1] &= (ushort)((1 << (features.Count % 16)) - 1);
        }

        ushort[] passed = new ushort[features.BlockCount];
        SelectionPass.Run(new BlockScorer(features, queries, threshold), 3, passed, CancellationToken.None);
        Assert.Equal(expected, passed);
        return expected.Sum(bits => BitOperations.PopCount(bits));
    }

    /// <summary>Features whose gated cosine with the first query is the threshold ± 1e-8 to 1e-2, at lengths from 1e-3 to 1e3.</summary>
    public static float[] NearThreshold(Random random, GatedQueries queries, float threshold, int count) => Around(
        random, queries, threshold, count, () => SyntheticScenes.Signed(random) * Math.Pow(10, -8 + 6 * random.NextDouble()));

    private static float[] Around(Random random, GatedQueries queries, float threshold, int count, Func<double> offsets)
    {
        int dimension = queries.Gate.Length;
        float[] values = new float[count * dimension];
        for (int i = 0; i < count; i++)
        {
            // A unit vector at right angles to the query, then a turn by the angle that is wanted.
            double[] across = [.. Enumerable.Range(0, dimension).Select(_ => SyntheticScenes.Signed(random))];
            double along = across.Select((value, c) => value * queries.Values[c]).Sum();
            across = [.. across.Select((value, c) => value - along * queries.Values[c])];
            double length = Math.Sqrt(across.Sum(value => value * value));
            double cosine = Math.Clamp(threshold + offsets(), -1, 1);
            double sine = Math.Sqrt(1 - cosine * cosine);
            double scale = Math.Pow(10, 3 * SyntheticScenes.Signed(random));
            for (int c = 0; c < dimension; c++)
            {
                double gated = cosine * queries.Values[c] + sine * across[c] / length;
                values[i * dimension + c] = (float)(scale * gated / queries.Gate[c]);
            }
        }

        return values;
    }

    /// <summary>Features that rounding to 8 bits moves as far across the threshold as it can move any.</summary>
    public static float[] PushedAcross(Random random, GatedQueries queries, float threshold, int count)
    {
        // Bytes of the filter round up from -½ to less than +½, in steps of 1/256.
        const double mostUp = 127 / 256.0;
        const double mostDown = -128 / 256.0;
        int dimension = queries.Gate.Length;

        // Half a step of 127 is some 1 % of a channel, enough to cross the threshold from as far away.
        float[] values = Around(random, queries, threshold, count, () => 0.015 * SyntheticScenes.Signed(random));
        for (int i = 0; i < count; i++)
        {
            Span<float> feature = values.AsSpan(i * dimension, dimension);
            float greatest = 0;
            double dot = 0;
            double normSquared = 0;
            for (int c = 0; c < dimension; c++)
            {
                greatest = MathF.Max(greatest, MathF.Abs(feature[c]));
            }

            for (int c = 0; c < dimension; c++)
            {
                feature[c] = MathF.Round(feature[c] * 127 / greatest);
                double gated = (double)feature[c] * queries.Gate[c];
                dot += gated * queries.Values[c];
                normSquared += gated * gated;
            }

            // Along the cosine's gradient, up or down; the channel that sets the step stays, and so does the rounding.
            int direction = random.Next(2) == 0 ? -1 : 1;
            for (int c = 0; c < dimension; c++)
            {
                double gradient = queries.Values[c] - dot / normSquared * feature[c] * queries.Gate[c];
                if (MathF.Abs(feature[c]) < 126.5f)
                {
                    feature[c] += (float)(direction * Math.Sign(gradient) switch { > 0 => mostUp, < 0 => mostDown, _ => 0 });
                }
            }
        }

        return values;
    }

    public static GatedQueries RandomQueries(Random random, int dimension, int positives, int negatives)
    {
        QueryFeature[] points =
            [.. Enumerable.Range(0, positives + negatives).Select(_ => Query(Uniform(random, dimension)))];
        return GatedQueries.At(RandomGate(random, dimension), 0.4, points[..positives], points[positives..]);
    }

    public static QueryFeature Query(float[] feature) => new(feature, 1, 1, []);

    public static ScaleGate RandomGate(Random random, int dimension) => new(
        [.. Uniform(random, dimension).Select(value => 3 * value)], [.. Uniform(random, dimension).Select(value => 3 * value)]);

    public static float[] Uniform(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)SyntheticScenes.Signed(random))];

    public static AffinityModel Model(int dimension, float[] features) => new()
    {
        Dimension = dimension,
        Features = features,
        Gate = new ScaleGate(new float[dimension], new float[dimension]),
        Quantiles = new ScaleQuantiles([0.1, 1]),
        Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 0, 0, "{}", "", features.Length / dimension),
    };
}
