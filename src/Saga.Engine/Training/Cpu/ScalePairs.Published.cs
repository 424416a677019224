namespace Saga.Engine.Training.Cpu;

internal sealed unsafe partial class ScalePairs<T>
{
    /// <inheritdoc/>
    public void Survey(PairSurvey survey)
    {
        float* cosines = stackalloc float[Side * Side];
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, cosines);
                for (int r = 0; r < Side; r++)
                {
                    uint together = 0;
                    uint low = 0;
                    uint high = 0;
                    for (int lane = 0; lane < Side; lane += T.Width)
                    {
                        T cosine = T.Load(cosines + r * Side + lane);
                        together |= Corresponds(rowBlock, r, columnBlock, lane).SignBits() << lane;
                        low |= T.GreaterThan(T.Broadcast(PairSurvey.HardPositiveCosine), cosine).SignBits() << lane;
                        high |= T.GreaterThan(cosine, T.Broadcast(PairSurvey.HardNegativeCosine)).SignBits() << lane;
                    }

                    survey.Add(rowBlock * Side + r, columnBlock, (ushort)together, (ushort)(together & low), (ushort)(~together & high));
                }
            }
        }
    }

    /// <inheritdoc/>
    public (double Positive, double Negative) AddPublishedGradients(
        float positive, float negative, PairSurvey survey, float* ratios, float offset, float factor, ReadOnlySpan<float> features)
    {
        float* gradients = _gradients.Ensure((long)_padded * _stride);
        new Span<float>(gradients, _padded * _stride).Clear();
        float* weights = stackalloc float[Side * Side];
        double positiveLoss = 0;
        double negativeLoss = 0;
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, weights);
                T positiveSum = default;
                T negativeSum = default;
                T any = default;
                for (int r = 0; r < Side; r++)
                {
                    int row = rowBlock * Side + r;
                    uint valid = ValidColumns(row, columnBlock);
                    uint attracted = valid & survey.Positive(row, columnBlock);
                    uint repelled = valid & survey.Negative(row, columnBlock);
                    for (int lane = 0; lane < Side; lane += T.Width)
                    {
                        T cosine = T.Load(weights + r * Side + lane);
                        T together = Corresponds(rowBlock, r, columnBlock, lane);
                        T attract = together & T.MaskOf(attracted >> lane);
                        T repel = T.AndNot(T.GreaterThan(cosine, default), together) & T.MaskOf(repelled >> lane);
                        T weight = T.MultiplyAdd(
                            T.Load(ratios + columnBlock * Side + lane) * T.Broadcast(factor), T.Broadcast(ratios[row]), T.Broadcast(offset));
                        T pull = weight & attract;
                        T push = weight & repel;
                        positiveSum = T.MultiplyAdd(pull, cosine, positiveSum);
                        negativeSum = T.MultiplyAdd(push, cosine, negativeSum);
                        T slope = push * T.Broadcast(negative) - pull * T.Broadcast(positive);
                        any |= slope;
                        slope.Store(weights + r * Side + lane);
                    }
                }

                if (T.AnyBit(any).SignBits() == 0)
                {
                    continue;
                }

                positiveLoss -= positiveSum.Sum() * (double)positive;
                negativeLoss += negativeSum.Sum() * (double)negative;
                AddTileGradients(rowBlock, columnBlock, weights);
            }
        }

        ThroughGate(features);
        return (positiveLoss, negativeLoss);
    }
}
