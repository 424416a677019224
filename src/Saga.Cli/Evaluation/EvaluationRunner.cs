using System.Diagnostics;
using Saga.Engine.Segmentation;

namespace Saga.Cli.Evaluation;

/// <summary>
/// Clicks every target once at every scale and compares the selections with the labels. Knows nothing of who answers: a
/// service over HTTP and the engine in this process run the very same protocol.
/// </summary>
public static class EvaluationRunner
{
    /// <summary>Runs the protocol.</summary>
    /// <param name="scene">The scene and its labels.</param>
    /// <param name="answer">
    /// Answers a prompt with ⌈count/8⌉ bytes, Gaussian i at bit i%8 of byte i/8, file order; throws
    /// <see cref="PromptRefusedException"/> for a prompt it understands and refuses.
    /// </param>
    /// <param name="protocol">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the run between two prompts.</param>
    public static EvaluationReport Run(
        LabeledScene scene, Func<EvaluationPrompt, byte[]> answer, EvaluationProtocol? protocol = null,
        CancellationToken cancellationToken = default)
    {
        protocol ??= new EvaluationProtocol();
        IReadOnlyList<EvaluationTarget> targets = TargetFinder.Find(scene, protocol);
        if (targets.Count == 0)
        {
            throw new InvalidDataException(
                $"{scene.Name} has nothing to click: no object with {protocol.MinObjectGaussians} Gaussians and no part with "
                + $"{protocol.MinPartGaussians} Gaussians and {protocol.MinPartPixels} visible pixels.");
        }

        long start = Stopwatch.GetTimestamp();
        EvaluationRow[] rows = [.. targets.Select(target => Evaluate(scene, target, answer, protocol, cancellationToken))];
        EvaluationRow[] objects = [.. rows.Where(row => row.Target.Kind == TargetKind.WholeObject)];
        EvaluationRow[] parts = [.. rows.Where(row => row.Target.Kind == TargetKind.Part)];
        return new EvaluationReport
        {
            Scene = scene.Name,
            GaussianCount = scene.GaussianCount,
            FloaterCount = scene.ObjectOfGaussian.Count(label => label == LabeledScene.None),
            Protocol = protocol,
            ObjectMean = EvaluationMean.Of(objects, protocol.Scales.Count),
            PartMean = EvaluationMean.Of(parts, protocol.Scales.Count),
            Objects = objects,
            Parts = parts,
            PromptCount = rows.Length * protocol.Scales.Count,
            PromptSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
    }

    private static EvaluationRow Evaluate(
        LabeledScene scene, EvaluationTarget target, Func<EvaluationPrompt, byte[]> answer, EvaluationProtocol protocol,
        CancellationToken cancellationToken)
    {
        var comparison = new GaussianOverlap(scene, target.Kind, target.Label);
        var overlaps = new Overlap[protocol.Scales.Count];
        string? refused = null;
        for (int i = 0; i < overlaps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                byte[] selection = answer(
                    new EvaluationPrompt(target.View, target.X, target.Y, protocol.Scales[i], protocol.Threshold));
                overlaps[i] = comparison.Measure(selection);
            }
            catch (PromptRefusedException error)
            {
                refused = error.Code;
            }
        }

        int best = 0;
        for (int i = 1; i < overlaps.Length; i++)
        {
            best = overlaps[i].Iou > overlaps[best].Iou ? i : best;
        }

        Overlap chosen = overlaps[best];
        return new EvaluationRow(
            target, protocol.Scales[best], chosen.Selected, chosen.Iou, chosen.Precision, chosen.Recall,
            [.. overlaps.Select(overlap => overlap.Iou)], refused);
    }
}
