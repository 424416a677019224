using Saga.Engine.OpenVocabulary;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class RelevancyTests
{
    [Fact]
    public void It_is_the_least_softmax_over_the_negatives_as_published()
    {
        Random random = new(3);
        for (int round = 0; round < 50; round++)
        {
            float[] image = Unit(random, 16);
            float[] text = Unit(random, 16);
            float[][] negatives = [.. Enumerable.Range(0, 4).Select(_ => Unit(random, 16))];

            double expected = negatives.Min(negative =>
            {
                double positive = Math.Exp(10 * Dot(image, text));
                return positive / (positive + Math.Exp(10 * Dot(image, negative)));
            });

            Assert.Equal(expected, Relevancy.Of(image, text, [.. negatives.SelectMany(n => n)]), 1e-5);
        }
    }

    [Fact]
    public void A_text_equal_to_a_negative_is_at_most_a_half()
    {
        float[] image = Unit(new Random(1), 8);
        float[] text = Unit(new Random(2), 8);
        Assert.Equal(0.5, Relevancy.Of(image, text, text), 1e-12);
    }

    [Fact]
    public void The_four_negatives_are_the_published_ones() =>
        Assert.Equal(["object", "things", "stuff", "texture"], Relevancy.CanonicalNegatives);

    [Fact]
    public void Every_template_holds_the_text_once() =>
        Assert.All(PromptTemplates.For("blue {0} chair"), sentence => Assert.Single(sentence.Split("blue {0} chair")[1..]));

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static float[] Unit(Random random, int dimension)
    {
        double[] values = [.. Enumerable.Range(0, dimension).Select(_ => random.NextDouble() - 0.5)];
        double norm = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => (float)(v / norm))];
    }
}
