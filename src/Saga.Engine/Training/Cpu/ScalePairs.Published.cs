using System.Runtime.Intrinsics;

namespace Saga.Engine.Training.Cpu;

internal sealed unsafe partial class ScalePairs
{
    /// <summary>First pass: what the published pair selection (A.1) has to know of this scale.</summary>
    public void Survey(PairSurvey survey)
    {
        float* cosines = stackalloc float[Side * Side];
        Vector512<float> hardPositive = Vector512.Create(PairSurvey.HardPositiveCosine);
        Vector512<float> hardNegative = Vector512.Create(PairSurvey.HardNegativeCosine);
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, cosines);
                for (int r = 0; r < Side; r++)
                {
                    Vector512<float> cosine = Vector512.Load(cosines + r * Side);
                    uint together = (uint)Corresponds(rowBlock, r, columnBlock).ExtractMostSignificantBits();
                    uint low = (uint)Vector512.LessThan(cosine, hardPositive).ExtractMostSignificantBits();
                    uint high = (uint)Vector512.GreaterThan(cosine, hardNegative).ExtractMostSignificantBits();
                    survey.Add(rowBlock * Side + r, columnBlock, (ushort)together, (ushort)(together & low), (ushort)(~together & high));
                }
            }
        }
    }

    /// <summary>Second pass of the published form: the loss of this scale and its gradient.</summary>
    /// <param name="positive">Factor of a positive pair.</param>
    /// <param name="negative">Factor of a negative pair.</param>
    /// <param name="survey">The selected pairs.</param>
    /// <param name="ratios">r of the pair weight, [padded pixels].</param>
    /// <param name="offset">Offset of the pair weight.</param>
    /// <param name="factor">Factor of the pair weight.</param>
    /// <param name="features">Ungated features, [pixels, channels].</param>
    /// <returns>Σ of both sides, with the factors applied.</returns>
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
                Vector512<float> columnRatios = Vector512.Load(ratios + columnBlock * Side) * factor;
                Vector512<float> positiveSum = default;
                Vector512<float> negativeSum = default;
                Vector512<float> any = default;
                for (int r = 0; r < Side; r++)
                {
                    int row = rowBlock * Side + r;
                    Vector512<float> cosine = Vector512.Load(weights + r * Side);
                    Vector512<float> together = Corresponds(rowBlock, r, columnBlock);
                    uint valid = ValidColumns(row, columnBlock);
                    Vector512<float> attract = together & LaneMask(valid & survey.Positive(row, columnBlock));
                    Vector512<float> repel = LaneMask(valid & survey.Negative(row, columnBlock))
                        & Vector512.AndNot(Vector512.GreaterThan(cosine, Vector512<float>.Zero), together);
                    Vector512<float> weight = Vector512.FusedMultiplyAdd(columnRatios, Vector512.Create(ratios[row]), Vector512.Create(offset));
                    Vector512<float> pull = weight & attract;
                    Vector512<float> push = weight & repel;
                    positiveSum = Vector512.FusedMultiplyAdd(pull, cosine, positiveSum);
                    negativeSum = Vector512.FusedMultiplyAdd(push, cosine, negativeSum);
                    Vector512<float> slope = push * negative - pull * positive;
                    any |= slope;
                    slope.Store(weights + r * Side);
                }

                if (any == Vector512<float>.Zero)
                {
                    continue;
                }

                positiveLoss -= Vector512.Sum(positiveSum) * (double)positive;
                negativeLoss += Vector512.Sum(negativeSum) * (double)negative;
                AddTileGradients(rowBlock, columnBlock, weights);
            }
        }

        ThroughGate(features);
        return (positiveLoss, negativeLoss);
    }
}
