using Saga.Engine.Numerics;
using Saga.Engine.Training;
using Saga.Tests;

namespace Saga.Engine.Tests.Training;

[Trait("Category", "Kernel")]
public sealed class ContrastiveLossTests
{
    [Fact]
    public void The_reference_equals_the_golden_numbers()
    {
        (ContrastiveLossReference reference, ContrastiveBatch batch) = Golden();
        Assert.Equal(Read("correspondence").Values, ContrastiveLossReference.Correspond(batch).Cast<bool>().Select(b => b ? 1.0 : 0.0));
        AssertClose(Read("pair_weights").Values, [.. ContrastiveLossReference.WeighPairs(batch.MeanMaskArea).Cast<double>()], 1e-6);
        AssertClose(Read("cosines").Values, [.. reference.Cosines().Cast<double>()], 1e-9);
        reference.SelectPairs();
        Assert.Equal(Read("positive_pairs").Values, reference.Positive!.Cast<bool>().Select(b => b ? 1.0 : 0.0));
        Assert.Equal(Read("negative_pairs").Values, reference.Negative!.Cast<bool>().Select(b => b ? 1.0 : 0.0));

        (double positive, double negative, double norm) = reference.Loss();
        AssertClose(Read("loss_positive_negative_norm_total").Values, [positive, negative, norm, positive + negative + norm], 1e-9);
        (double[,] features, double[] weight, double[] bias) = reference.Gradients();
        AssertClose(Read("grad_rendered_features").Values, [.. features.Cast<double>()], 1e-9);
        AssertClose(Read("grad_gate_weight").Values, weight, 1e-9);
        AssertClose(Read("grad_gate_bias").Values, bias, 1e-9);
    }

    [Fact]
    public void The_fast_path_equals_the_golden_numbers()
    {
        (_, ContrastiveBatch batch) = Golden();
        Gradients fast = Run(batch, ContrastiveLossForm.Paper, Read("rendered_features").Floats, Read("gate_weight").Floats, Read("gate_bias").Floats, 2, Read("random_draws").Values);
        AssertClose(Read("loss_positive_negative_norm_total").Values, [fast.Loss.Positive, fast.Loss.Negative, fast.Loss.Norm, fast.Loss.Total], 1e-4);
        AssertClose(Read("grad_rendered_features").Values, fast.Features, 1e-4);
        AssertClose(Read("grad_gate_weight").Values, fast.Weight, 1e-4);
        AssertClose(Read("grad_gate_bias").Values, fast.Bias, 1e-4);
    }

    [Theory]
    [InlineData(ContrastiveLossForm.Paper, 1, 8)]
    [InlineData(ContrastiveLossForm.Paper, 2, 24)]
    [InlineData(ContrastiveLossForm.Logistic, 1, 32)]
    [InlineData(ContrastiveLossForm.Logistic, 15, 16)]
    [InlineData(ContrastiveLossForm.Paper, 16, 32)]
    [InlineData(ContrastiveLossForm.Logistic, 17, 40)]
    [InlineData(ContrastiveLossForm.Paper, 53, 64)]
    [InlineData(ContrastiveLossForm.Logistic, 53, 32)]
    public void The_fast_path_equals_the_reference_at_every_tile_remainder(ContrastiveLossForm form, int pixels, int channels)
    {
        (ContrastiveLossReference reference, ContrastiveBatch batch, float[] features, float[] weight, float[] bias) =
            RandomProblem(form, pixels, channels, masks: 70, seed: pixels);
        Gradients fast = Run(batch, form, features, weight, bias, 2, reference.Draws);
        reference.SelectPairs();
        if (form == ContrastiveLossForm.Paper && !reference.Positive!.Cast<bool>().Any(b => b))
        {
            Assert.Equal(0, fast.Loss.Positive);
            return;
        }

        (double positive, double negative, double norm) = reference.Loss();
        AssertClose([positive, negative, norm], [fast.Loss.Positive, fast.Loss.Negative, fast.Loss.Norm], 1e-4);
        (double[,] expected, double[] expectedWeight, double[] expectedBias) = reference.Gradients();
        AssertClose([.. expected.Cast<double>()], fast.Features, 1e-4);
        AssertClose(expectedWeight, fast.Weight, 1e-4);
        AssertClose(expectedBias, fast.Bias, 1e-4);
    }

    [Theory]
    [InlineData(ContrastiveLossForm.Paper, SimdLevel.Vector128)]
    [InlineData(ContrastiveLossForm.Paper, SimdLevel.Vector256)]
    [InlineData(ContrastiveLossForm.Paper, SimdLevel.Vector512)]
    [InlineData(ContrastiveLossForm.Logistic, SimdLevel.Vector128)]
    [InlineData(ContrastiveLossForm.Logistic, SimdLevel.Vector256)]
    [InlineData(ContrastiveLossForm.Logistic, SimdLevel.Vector512)]
    public void Every_width_gives_the_gradients_of_the_scalar_twin_bit_for_bit(ContrastiveLossForm form, SimdLevel level)
    {
        (_, ContrastiveBatch batch, float[] features, float[] weight, float[] bias) =
            RandomProblem(form, 53, 40, masks: 70, seed: 9);
        Gradients scalar = Run(batch, form, features, weight, bias, 1, null, SimdLevel.Scalar);
        Gradients wide = Run(batch, form, features, weight, bias, 1, null, level);
        Assert.Equal(scalar.Features, wide.Features);
        Assert.Equal(scalar.Weight, wide.Weight);
        Assert.Equal(scalar.Bias, wide.Bias);

        // The loss itself is summed in the width's order: 256 floats a tile, then in double.
        AssertClose(
            [scalar.Loss.Positive, scalar.Loss.Negative, scalar.Loss.Norm],
            [wide.Loss.Positive, wide.Loss.Negative, wide.Loss.Norm], 1e-5);
    }

    [Theory]
    [InlineData(ContrastiveLossForm.Paper)]
    [InlineData(ContrastiveLossForm.Logistic)]
    public void Gradients_equal_central_differences(ContrastiveLossForm form)
    {
        // The selection is fixed and no cosine lies within 1e-4 of the kink at 0, so the loss is smooth here.
        (ContrastiveLossReference reference, ContrastiveBatch _, float[] _, float[] _, float[] _) = RandomProblem(form, 12, 8, masks: 6, seed: 5);
        reference.SelectPairs();
        Assert.DoesNotContain(reference.Cosines().Cast<double>(), c => Math.Abs(c) < 1e-4);
        (double[,] features, double[] weight, double[] bias) = reference.Gradients();
        for (int c = 0; c < 8; c++)
        {
            AssertClose([Difference(reference, () => ref reference.GateWeight[c])], [weight[c]], 1e-5);
            AssertClose([Difference(reference, () => ref reference.GateBias[c])], [bias[c]], 1e-5);
            for (int p = 0; p < 12; p++)
            {
                int pixel = p;
                AssertClose([Difference(reference, () => ref reference.Features[pixel, c])], [features[pixel, c]], 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(ContrastiveLossForm.Paper)]
    [InlineData(ContrastiveLossForm.Logistic)]
    public void The_result_does_not_depend_on_the_thread_count(ContrastiveLossForm form)
    {
        (_, ContrastiveBatch batch, float[] features, float[] weight, float[] bias) = RandomProblem(form, 200, 32, masks: 40, seed: 3);
        Gradients one = Run(batch, form, features, weight, bias, 1, null);
        foreach (int threads in new[] { 2, 3, 8 })
        {
            Gradients many = Run(batch, form, features, weight, bias, threads, null);
            Assert.Equal(one.Loss, many.Loss);
            Assert.Equal(one.Features, many.Features);
            Assert.Equal(one.Weight, many.Weight);
            Assert.Equal(one.Bias, many.Bias);
        }
    }

    [Fact]
    public void A_zero_feature_gives_finite_gradients()
    {
        (_, ContrastiveBatch batch, float[] features, float[] weight, float[] bias) = RandomProblem(ContrastiveLossForm.Paper, 20, 8, masks: 4, seed: 9);
        Array.Clear(features, 0, 8 * 3);
        Gradients result = Run(batch, ContrastiveLossForm.Paper, features, weight, bias, 1, null);
        Assert.True(double.IsFinite(result.Loss.Total));
        Assert.All(result.Features, g => Assert.True(double.IsFinite(g)));
    }

    private sealed record Gradients(LossTerms Loss, double[] Features, double[] Weight, double[] Bias);

    private delegate ref double Variable();

    private static double Difference(ContrastiveLossReference reference, Variable variable)
    {
        const double step = 1e-6;
        double start = variable();
        variable() = start + step;
        (double a, double b, double c) = reference.Loss();
        variable() = start - step;
        (double d, double e, double f) = reference.Loss();
        variable() = start;
        return (a + b + c - d - e - f) / (2 * step);
    }

    private static Gradients Run(
        ContrastiveBatch batch, ContrastiveLossForm form, float[] features, float[] weight, float[] bias, int threads, double[]? draws,
        SimdLevel? level = null)
    {
        int channels = weight.Length;
        var featureGradients = new float[features.Length];
        var weightGradients = new float[channels];
        var biasGradients = new float[channels];
        using var loss = new ContrastiveLoss(channels, threads, level ?? Simd.Level);
        LossTerms terms = loss.Run(
            batch, AffinityTrainingOptions.Balanced with { LossForm = form }, 77, draws, features, weight, bias, featureGradients, weightGradients, biasGradients);
        return new Gradients(
            terms, [.. featureGradients.Select(g => (double)g)], [.. weightGradients.Select(g => (double)g)], [.. biasGradients.Select(g => (double)g)]);
    }

    private static (ContrastiveLossReference Reference, ContrastiveBatch Batch) Golden()
    {
        // The script numbers masks by descending scale, the engine by ascending.
        double[] scales = Read("mask_scales").Values;
        double[] areas = Read("mask_areas").Values;
        Npy member = Read("masks_by_pixel");
        double[] sampled = Read("sampled_scales").Values;
        int masks = scales.Length;
        int pixels = member.Shape[1];
        var bits = new ulong[pixels];
        var mean = new float[pixels];
        for (int p = 0; p < pixels; p++)
        {
            double area = 0;
            for (int m = 0; m < masks; m++)
            {
                if (member.Values[m * pixels + p] != 0)
                {
                    bits[p] |= 1UL << (masks - 1 - m);
                    area += areas[m];
                }
            }

            mean[p] = (float)(area / ulong.PopCount(bits[p]));
        }

        var batch = new ContrastiveBatch
        {
            PixelCount = pixels,
            WordCount = 1,
            Membership = bits,
            MeanMaskArea = mean,
            MasksBelow = [.. sampled.Select(s => scales.Count(m => m < s))],
            Quantiles = Read("quantiles").Values,
        };
        Npy features = Read("rendered_features");
        return (new ContrastiveLossReference
        {
            Features = Matrix(features.Values, pixels, features.Shape[1]),
            GateWeight = Read("gate_weight").Values,
            GateBias = Read("gate_bias").Values,
            Quantiles = batch.Quantiles,
            Correspondence = ContrastiveLossReference.Correspond(batch),
            PairWeights = Matrix(Read("pair_weights").Values, pixels, pixels),
            Draws = Read("random_draws").Values,
            Form = ContrastiveLossForm.Paper,
        }, batch);
    }

    private static (ContrastiveLossReference Reference, ContrastiveBatch Batch, float[] Features, float[] Weight, float[] Bias) RandomProblem(
        ContrastiveLossForm form, int pixels, int channels, int masks, int seed)
    {
        Random random = new(seed);
        int words = ContrastiveBatch.WordsFor(masks);
        var membership = new ulong[pixels * words];
        for (int p = 0; p < pixels; p++)
        {
            for (int m = 0; m < masks; m++)
            {
                if (random.NextDouble() < 2.5 / masks || m == p % masks)
                {
                    membership[p * words + m / 64] |= 1UL << (m % 64);
                }
            }
        }

        var batch = new ContrastiveBatch
        {
            PixelCount = pixels,
            WordCount = words,
            Membership = membership,
            MeanMaskArea = [.. Enumerable.Range(0, pixels).Select(_ => (float)random.Next(100, 30000))],
            MasksBelow = [masks, masks * 3 / 4, masks / 2, masks / 4, 0],
            Quantiles = [1, 0.7, 0.45, 0.2, 0],
        };
        float[] features = [.. Enumerable.Range(0, pixels * channels).Select(_ => (float)(random.NextDouble() - 0.4))];
        float[] weight = [.. Enumerable.Range(0, channels).Select(_ => (float)(random.NextDouble() * 2 - 1))];
        float[] bias = [.. Enumerable.Range(0, channels).Select(_ => (float)(random.NextDouble() * 2 - 1))];
        return (new ContrastiveLossReference
        {
            Features = Matrix([.. features.Select(f => (double)f)], pixels, channels),
            GateWeight = [.. weight.Select(f => (double)f)],
            GateBias = [.. bias.Select(f => (double)f)],
            Quantiles = batch.Quantiles,
            Correspondence = ContrastiveLossReference.Correspond(batch),
            PairWeights = ContrastiveLossReference.WeighPairs(batch.MeanMaskArea),
            Draws = [.. Enumerable.Range(0, pixels * pixels).Select(_ => random.NextDouble())],
            Form = form,
        }, batch, features, weight, bias);
    }

    private static Npy Read(string name) => Npy.Read(SharedData.Require("fixtures", "loss", name + ".npy"));

    private static double[,] Matrix(double[] values, int rows, int columns)
    {
        var matrix = new double[rows, columns];
        Buffer.BlockCopy(values, 0, matrix, 0, rows * columns * sizeof(double));
        return matrix;
    }

    // Relative to the largest magnitude of the array: single elements may be near 0.
    private static void AssertClose(double[] expected, double[] actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        double tolerance = relative * Math.Max(1e-12, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance,
                FormattableString.Invariant($"Element {i}: {actual[i]} instead of {expected[i]} (tolerance {tolerance})"));
        }
    }
}
