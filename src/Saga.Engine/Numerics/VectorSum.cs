using System.Numerics;

namespace Saga.Engine.Numerics;

/// <summary>Weighted sums of vectors, element by element at the width that the processor has.</summary>
internal static class VectorSum
{
    /// <summary>sum += weight · vector; a product and a sum per element, so that every width gives the same bits.</summary>
    /// <param name="sum">The sum, [n].</param>
    /// <param name="vector">What is added, [n].</param>
    /// <param name="weight">How much of it.</param>
    public static void AddScaled(Span<float> sum, ReadOnlySpan<float> vector, float weight)
    {
        int c = 0;
        for (; c <= sum.Length - Vector<float>.Count; c += Vector<float>.Count)
        {
            (new Vector<float>(sum[c..]) + new Vector<float>(vector[c..]) * weight).CopyTo(sum[c..]);
        }

        for (; c < sum.Length; c++)
        {
            sum[c] += vector[c] * weight;
        }
    }
}
