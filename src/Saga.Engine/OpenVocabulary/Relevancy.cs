using System.Numerics.Tensors;

namespace Saga.Engine.OpenVocabulary;

/// <summary>
/// How well a picture fits a text rather than anything else (LERF): the least, over the canonical negatives, of
/// softmax(10·[cos(image, text), cos(image, negative)]) at the text.
/// </summary>
/// <remarks>½ where the text fits just as well as the best of the negatives; in (0, 1).</remarks>
internal static class Relevancy
{
    /// <summary>What stands for «anything else».</summary>
    public static readonly string[] CanonicalNegatives = ["object", "things", "stuff", "texture"];

    /// <summary>Inverse temperature of the softmax.</summary>
    private const double Sharpness = 10;

    /// <param name="image">Unit feature of the picture, [dimension].</param>
    /// <param name="text">Unit feature of the text, [dimension].</param>
    /// <param name="negatives">Unit features of the negatives, [count, dimension], at least one.</param>
    public static double Of(ReadOnlySpan<float> image, ReadOnlySpan<float> text, ReadOnlySpan<float> negatives)
    {
        double positive = TensorPrimitives.Dot(image, text);
        double strongest = double.NegativeInfinity;
        for (int start = 0; start < negatives.Length; start += image.Length)
        {
            strongest = Math.Max(strongest, TensorPrimitives.Dot(image, negatives.Slice(start, image.Length)));
        }

        // The softmax of two falls with the other's cosine, so its least is at the greatest of them.
        return 1 / (1 + Math.Exp(Sharpness * (strongest - positive)));
    }
}
