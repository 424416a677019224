using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Cli.Evaluation.Protocols;

/// <summary>
/// Clicks a thing in its reference view, renders what is selected in the other views, and compares (§10): Σ w·selected ≥ ½ over the full scene.
/// </summary>
/// <remarks>
/// The scale is the one of the protocol's whose rendering fits the reference view's marks best, the finest of equals; the other views play no part
/// in choosing it. Nothing else is adapted to a scene.
/// </remarks>
public sealed class ProtocolRunner(
    GaussianScene scene, IReadOnlyList<SceneView> views, PromptSegmenter segmenter, IRasterizer rasterizer, ProtocolSettings settings)
{
    private const float MinAlpha = 0.5f;

    /// <summary>Runs all cases.</summary>
    /// <exception cref="InvalidDataException">A case names a view that the scene does not have, or nothing in it can be clicked.</exception>
    public IReadOnlyList<ProtocolRow> Run(IReadOnlyList<ProtocolCase> cases, CancellationToken cancellationToken) =>
        [.. cases.Select(one => Run(one, cancellationToken))];

    private ProtocolRow Run(ProtocolCase one, CancellationToken cancellationToken)
    {
        PinholeCamera camera = CameraOf(one.ReferenceView);
        PixelRegion positive = one.Positive.ResizedTo(camera.Width, camera.Height);
        PixelRegion negative = one.Negative.ResizedTo(camera.Width, camera.Height);
        float[] alpha = rasterizer.Render(camera, new RenderOptions { Alpha = true }, cancellationToken).Alpha;
        PromptPoint[] points =
        [
            .. ProtocolPoints.Draw(positive, p => alpha[p] >= MinAlpha, settings.PositivePoints, true, settings.Seed),
            .. ProtocolPoints.Draw(negative, p => alpha[p] >= MinAlpha, settings.NegativePoints, false, settings.Seed),
        ];
        if (!points.Any(point => point.Positive))
        {
            throw new InvalidDataException($"{one.Name}: in view {one.ReferenceView} the scene shows nothing where the thing is marked.");
        }

        (double Scale, double Score, GaussianSelection Selection)? best = null;
        foreach (double scale in settings.Scales)
        {
            GaussianSelection selection = segmenter.Segment(
                new PointPrompt(camera, points, scale, settings.Threshold), cancellationToken).Selection;
            double score = MaskOverlap.Of(Render(selection, camera, cancellationToken), positive, one.IsComplete ? null : negative).Iou;
            best = best is null || score > best.Value.Score ? (scale, score, selection) : best;
        }

        (double chosen, double fit, GaussianSelection selected) = best!.Value;
        ProtocolResult[] results = [.. one.Targets.Select(target => Compare(target, selected, cancellationToken))];
        return new ProtocolRow(
            one.Name, one.ReferenceView, points.Count(p => p.Positive), points.Count(p => !p.Positive), chosen, fit, selected.SelectedCount, results);
    }

    private ProtocolResult Compare(ProtocolTarget target, GaussianSelection selection, CancellationToken cancellationToken)
    {
        PinholeCamera camera = CameraOf(target.View);
        MaskOverlap overlap = MaskOverlap.Of(Render(selection, camera, cancellationToken), target.Truth.ResizedTo(camera.Width, camera.Height), null);
        return new ProtocolResult(target.View, overlap.Iou, overlap.Accuracy);
    }

    private byte[] Render(GaussianSelection selection, PinholeCamera camera, CancellationToken cancellationToken)
    {
        BinaryMask mask = SelectionMask.Draw(selection, scene, rasterizer, camera, cancellationToken);
        byte[] pixels = new byte[mask.Width * mask.Height];
        mask.Decode(pixels);
        return pixels;
    }

    private PinholeCamera CameraOf(string view) =>
        views.FirstOrDefault(v => v.Name == view)?.Camera
        ?? throw new InvalidDataException($"The labels speak of view {view}; the scene's {views.Count} views are called {views[0].Name} ….");
}

/// <summary>How well a rendered mask fits what is true.</summary>
/// <param name="Iou">TP / (TP + FP + FN); 1 where both are empty.</param>
/// <param name="Accuracy">(TP + TN) / all.</param>
public readonly record struct MaskOverlap(double Iou, double Accuracy)
{
    /// <param name="rendered">1 where rendered, [height, width].</param>
    /// <param name="truth">What is true.</param>
    /// <param name="known">What is known to be outside; null when all that is not true is.</param>
    public static MaskOverlap Of(ReadOnlySpan<byte> rendered, PixelRegion truth, PixelRegion? known)
    {
        long truePositive = 0, falsePositive = 0, falseNegative = 0, trueNegative = 0;
        for (int p = 0; p < rendered.Length; p++)
        {
            if (truth.Marked[p])
            {
                (truePositive, falseNegative) = rendered[p] == 1 ? (truePositive + 1, falseNegative) : (truePositive, falseNegative + 1);
            }
            else if (known is null || known.Marked[p])
            {
                (falsePositive, trueNegative) = rendered[p] == 1 ? (falsePositive + 1, trueNegative) : (falsePositive, trueNegative + 1);
            }
        }

        long either = truePositive + falsePositive + falseNegative;
        long all = either + trueNegative;
        return new MaskOverlap(either == 0 ? 1 : (double)truePositive / either, all == 0 ? 1 : (double)(truePositive + trueNegative) / all);
    }
}
