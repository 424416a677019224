using System.Numerics;

namespace Saga.Engine.Training.Cpu;

internal sealed unsafe partial class ScalePairs<T>
{
    /// <inheritdoc/>
    public float* CountCorresponding()
    {
        float* counts = _counts.Ensure(_padded);
        new Span<float>(counts, _padded).Clear();
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                float* columns = counts + columnBlock * Side;
                for (int r = 0; r < Side; r++)
                {
                    int row = rowBlock * Side + r;
                    uint valid = ValidColumns(row, columnBlock);
                    int partners = 0;
                    for (int lane = 0; lane < Side; lane += T.Width)
                    {
                        T together = Corresponds(rowBlock, r, columnBlock, lane) & T.MaskOf(valid >> lane);
                        (T.Load(columns + lane) + (together & T.Broadcast(1))).Store(columns + lane);
                        partners += BitOperations.PopCount(together.SignBits());
                    }

                    counts[row] += partners;
                }
            }
        }

        return counts;
    }

    /// <inheritdoc/>
    public (double Positive, double Negative) AddLogisticGradients(
        float* pixelWeights, float negative, float threshold, float temperature, ReadOnlySpan<float> features)
    {
        float* gradients = _gradients.Ensure((long)_padded * _stride);
        new Span<float>(gradients, _padded * _stride).Clear();
        float* weights = stackalloc float[Side * Side];
        double positiveLoss = 0;
        double negativeLoss = 0;
        T inverse = T.Broadcast(1 / temperature);
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, weights);
                T positiveSum = default;
                T negativeSum = default;
                for (int r = 0; r < Side; r++)
                {
                    int row = rowBlock * Side + r;
                    uint valid = ValidColumns(row, columnBlock);
                    for (int lane = 0; lane < Side; lane += T.Width)
                    {
                        T cosine = T.Load(weights + r * Side + lane);
                        T together = Corresponds(rowBlock, r, columnBlock, lane);
                        T turned = together & T.Broadcast(-0f);

                        // u > 0: on the wrong side. Positives are wrong below the threshold, negatives above it.
                        T u = ((cosine - T.Broadcast(threshold)) * inverse) ^ turned;
                        T softplus = LogisticVector.Softplus(u, out T wrong);
                        T weight = T.Load(pixelWeights + columnBlock * Side + lane) + T.Broadcast(pixelWeights[row]);
                        weight &= T.MaskOf(valid >> lane);
                        weight = T.Select(together, weight, weight * T.Broadcast(negative));
                        T cost = weight * softplus;
                        positiveSum += cost & together;
                        negativeSum += T.AndNot(cost, together);
                        (weight * wrong * inverse ^ turned).Store(weights + r * Side + lane);
                    }
                }

                positiveLoss += positiveSum.Sum();
                negativeLoss += negativeSum.Sum();
                AddTileGradients(rowBlock, columnBlock, weights);
            }
        }

        ThroughGate(features);
        return (positiveLoss, negativeLoss);
    }
}
