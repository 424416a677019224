using System.Numerics;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Training.Cpu;

internal sealed unsafe partial class ScalePairs
{
    /// <summary>First pass of the logistic form: how many other pixels each pixel corresponds with, [padded pixels].</summary>
    public float* CountCorresponding()
    {
        float* counts = _counts.Ensure(_padded);
        new Span<float>(counts, _padded).Clear();
        float* rowCounts = stackalloc float[Side];
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                Vector512<float> columns = Vector512.Load(counts + columnBlock * Side);
                for (int r = 0; r < Side; r++)
                {
                    Vector512<float> together = Corresponds(rowBlock, r, columnBlock)
                        & ValidLanes(rowBlock * Side + r, columnBlock);
                    columns += together & Vector512<float>.One;
                    rowCounts[r] = BitOperations.PopCount((uint)together.ExtractMostSignificantBits());
                }

                columns.Store(counts + columnBlock * Side);
                (Vector512.Load(counts + rowBlock * Side) + Vector512.Load(rowCounts)).Store(counts + rowBlock * Side);
            }
        }

        return counts;
    }

    /// <summary>Second pass of the logistic form.</summary>
    /// <param name="pixelWeights">Weight of each pixel; a pair weighs the sum of its two, [padded pixels].</param>
    /// <param name="negative">Factor of a negative pair.</param>
    /// <param name="threshold">Cosine where both sides are undecided.</param>
    /// <param name="temperature">Width of the transition.</param>
    /// <param name="features">Ungated features, [pixels, channels].</param>
    public (double Positive, double Negative) AddLogisticGradients(
        float* pixelWeights, float negative, float threshold, float temperature, ReadOnlySpan<float> features)
    {
        float* gradients = _gradients.Ensure((long)_padded * _stride);
        new Span<float>(gradients, _padded * _stride).Clear();
        float* weights = stackalloc float[Side * Side];
        double positiveLoss = 0;
        double negativeLoss = 0;
        float inverse = 1 / temperature;
        Vector512<float> sign = Vector512.Create(-0f);
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, weights);
                Vector512<float> columnWeights = Vector512.Load(pixelWeights + columnBlock * Side);
                Vector512<float> positiveSum = default;
                Vector512<float> negativeSum = default;
                for (int r = 0; r < Side; r++)
                {
                    int row = rowBlock * Side + r;
                    Vector512<float> cosine = Vector512.Load(weights + r * Side);
                    Vector512<float> together = Corresponds(rowBlock, r, columnBlock);
                    Vector512<float> valid = ValidLanes(row, columnBlock);

                    // u > 0: on the wrong side. Positives are wrong below the threshold, negatives above it.
                    Vector512<float> u = (cosine - Vector512.Create(threshold)) * inverse ^ (together & sign);
                    Vector512<float> softplus = LogisticVector.Softplus(u, out Vector512<float> wrong);
                    Vector512<float> weight = (columnWeights + Vector512.Create(pixelWeights[row])) & valid;
                    weight = Vector512.ConditionalSelect(together, weight, weight * negative);
                    Vector512<float> cost = weight * softplus;
                    positiveSum += cost & together;
                    negativeSum += Vector512.AndNot(cost, together);
                    Vector512<float> slope = weight * wrong * inverse ^ (together & sign);
                    slope.Store(weights + r * Side);
                }

                positiveLoss += Vector512.Sum(positiveSum);
                negativeLoss += Vector512.Sum(negativeSum);
                AddTileGradients(rowBlock, columnBlock, weights);
            }
        }

        ThroughGate(features);
        return (positiveLoss, negativeLoss);
    }
}
