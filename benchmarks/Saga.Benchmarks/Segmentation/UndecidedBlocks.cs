using Saga.Benchmarks.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Segmentation;

/// <summary>How much work prompts on a model leave to float32, so that no figure rests on a model that 8 bits decide alone.</summary>
internal static class UndecidedBlocks
{
    private const double GoldenRatio = 0.6180339887;

    /// <summary>Averages over points, each at another scale.</summary>
    /// <returns>Share of the blocks that 8 bits do not decide, and share of the Gaussians that are selected.</returns>
    public static (double Undecided, double Selected) Measure(
        GaussianScene scene, AffinityModel model, IReadOnlyList<(SceneView View, PixelPosition Pixel)> points)
    {
        var segmenter = new PromptSegmenter(scene, model);
        FeatureBlocks blocks = FeatureBlocks.From(model);
        ushort[] bits = new ushort[blocks.BlockCount];
        double undecided = 0;
        double selected = 0;
        for (int i = 0; i < points.Count; i++)
        {
            QueryFeature feature = segmenter.FeatureAt(points[i].View.Camera, points[i].Pixel);
            GatedQueries queries = GatedQueries.At(model.Gate, i * GoldenRatio % 1, [feature], []);
            undecided += new BlockScorer(blocks, queries, PointPrompt.DefaultThreshold).Select(0, bits) / (double)bits.Length;
            selected += bits.Sum(b => (double)ushort.PopCount(b)) / scene.Count;
        }

        return (undecided / points.Count, selected / points.Count);
    }

    /// <summary>The same as a sentence.</summary>
    public static string Describe(ScaledScene scene, AffinityModel model)
    {
        (double undecided, double selected) = Measure(scene.Gaussians, model, VisiblePixels.Of(scene, 32));
        return FormattableString.Invariant(
            $"prompts select {selected:0.0 %} of the Gaussians and leave {undecided:0.0 %} of the blocks to float32, on average over 32 points and scales");
    }
}
