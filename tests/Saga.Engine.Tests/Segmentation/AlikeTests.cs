using Saga.Engine.Segmentation;
using Saga.Engine.Selections;

namespace Saga.Engine.Tests.Segmentation;

public sealed class AlikeTests
{
    private readonly TwoBlobs _scene = new();
    private readonly PromptSegmenter _segmenter;

    public AlikeTests() => _segmenter = new PromptSegmenter(_scene.Scene, _scene.Model);

    [Theory]
    [InlineData(0.2, 0.9f)]
    [InlineData(0.8, 0.9f)]
    [InlineData(0.2, -1f)]
    public void Two_Gaussians_are_alike_by_the_cosine_of_their_gated_features(double quantile, float similarity)
    {
        float[] gate = new float[TwoBlobs.Dimension];
        _scene.Model.Gate.Evaluate(quantile, gate);
        double[] Gated(int i) => [.. Enumerable.Range(0, gate.Length).Select(c => (double)gate[c] * _scene.Model.Features[i * gate.Length + c])];
        Func<int, int, bool> alike = _segmenter.AlikeAt(quantile, similarity);
        for (int i = 0; i < _scene.Scene.Count; i += 7)
        {
            for (int j = 0; j < _scene.Scene.Count; j += 11)
            {
                double[] a = Gated(i);
                double[] b = Gated(j);
                double cosine = a.Zip(b).Sum(p => p.First * p.Second) / Math.Sqrt(a.Sum(v => v * v) * b.Sum(v => v * v));
                Assert.Equal(cosine >= similarity, alike(i, j));
            }
        }
    }

    [Fact]
    public void Growing_stops_where_a_part_ends_at_a_fine_scale_and_not_at_a_coarse_one()
    {
        var editor = new SelectionEditor(_scene.Scene, _segmenter.Neighbors);
        int[] upper = _scene.LeftUpper;
        GaussianSelection seed = Selections.SelectionReference.Records(_scene.Scene, upper.Take(5));

        Assert.Subset(upper.ToHashSet(), editor.Grow(seed, 64, _segmenter.AlikeAt(0, 0.9f), default).ToIndices().ToHashSet());
        GaussianSelection coarse = editor.Grow(seed, 64, _segmenter.AlikeAt(1, 0.9f), default);
        Assert.NotEmpty(coarse.ToIndices().Except(upper));
        Assert.Subset(_scene.Left.ToHashSet(), coarse.ToIndices().ToHashSet());
    }

    [Fact]
    public void A_feature_that_is_nothing_is_like_nothing()
    {
        Array.Clear(_scene.Model.Features, 0, TwoBlobs.Dimension);
        Func<int, int, bool> alike = new PromptSegmenter(_scene.Scene, _scene.Model).AlikeAt(0.5, -1);
        Assert.False(alike(0, 1));
        Assert.False(alike(1, 0));
        Assert.False(alike(0, 0));
        Assert.True(alike(1, 2));
    }

    [Fact]
    public void Scales_and_similarities_out_of_range_are_refused()
    {
        foreach (double quantile in new[] { double.NaN, -0.1, 1.1 })
        {
            Assert.Equal("scale-out-of-range", Assert.Throws<PromptRefusedException>(() => _segmenter.AlikeAt(quantile, 0.5f)).Code);
        }

        foreach (float similarity in new[] { float.NaN, -1.1f, 1.1f })
        {
            Assert.Equal("threshold-out-of-range", Assert.Throws<PromptRefusedException>(() => _segmenter.AlikeAt(0.5, similarity)).Code);
        }
    }
}
