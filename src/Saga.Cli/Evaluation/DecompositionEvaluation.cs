using Saga.Engine.Clustering;

namespace Saga.Cli.Evaluation;

/// <summary>How well a scene that is taken apart without any click falls into its objects and parts.</summary>
/// <param name="BestObjectAri">Greatest index against the objects over the scales.</param>
/// <param name="BestObjectScale">Its scale; the smallest of them if several are equal.</param>
/// <param name="BestPartAri">Greatest index against the parts.</param>
/// <param name="BestPartScale">Its scale.</param>
/// <param name="Scales">Every scale.</param>
public sealed record DecompositionReport(
    double BestObjectAri, double BestObjectScale, double BestPartAri, double BestPartScale, IReadOnlyList<DecompositionRow> Scales);

/// <summary>One scale. Floaters count on neither side.</summary>
/// <param name="Scale">Quantile.</param>
/// <param name="Clusters">How many clusters have a Gaussian that is labelled.</param>
/// <param name="Unassigned">Share of the labelled Gaussians that belong to no cluster.</param>
/// <param name="ObjectAri">Adjusted Rand index against the objects; the unassigned count as one cluster more.</param>
/// <param name="ObjectAriOfAssigned">The same among the assigned alone.</param>
/// <param name="PartAri">Against the parts; the unassigned count as one cluster more.</param>
public sealed record DecompositionRow(
    double Scale, int Clusters, double Unassigned, double ObjectAri, double ObjectAriOfAssigned, double PartAri);

/// <summary>Compares decompositions with the labels. Knows nothing of who answers.</summary>
public static class DecompositionEvaluation
{
    /// <summary>Compares at every scale.</summary>
    /// <param name="scene">The labels.</param>
    /// <param name="labelsAt">Cluster of every record at a scale, 65535 for none.</param>
    /// <param name="scales">Quantiles, at least one.</param>
    /// <param name="cancellationToken">Ends the run between two scales.</param>
    /// <exception cref="InvalidDataException">An answer for another number of Gaussians.</exception>
    public static DecompositionReport Run(
        LabeledScene scene, Func<double, ushort[]> labelsAt, IReadOnlyList<double> scales, CancellationToken cancellationToken)
    {
        int[] labelled = [.. Enumerable.Range(0, scene.GaussianCount).Where(i => scene.ObjectOfGaussian[i] != LabeledScene.None)];
        var rows = new List<DecompositionRow>();
        foreach (double scale in scales)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ushort[] labels = labelsAt(scale);
            if (labels.Length != scene.GaussianCount)
            {
                throw new InvalidDataException($"The answer has {labels.Length} labels for {scene.GaussianCount} Gaussians.");
            }

            rows.Add(Compare(scene, labelled, labels, scale));
        }

        DecompositionRow objects = rows.MaxBy(row => row.ObjectAri)!;
        DecompositionRow parts = rows.MaxBy(row => row.PartAri)!;
        return new DecompositionReport(objects.ObjectAri, objects.Scale, parts.PartAri, parts.Scale, rows);
    }

    private static DecompositionRow Compare(LabeledScene scene, int[] labelled, ushort[] labels, double scale)
    {
        int[] assigned = [.. labelled.Where(i => labels[i] != SceneDecomposition.None)];
        return new DecompositionRow(
            scale,
            assigned.Select(i => labels[i]).Distinct().Count(),
            labelled.Length == 0 ? 0 : 1 - assigned.Length / (double)labelled.Length,
            AdjustedRandIndex.Of(Pick(scene.ObjectOfGaussian, labelled), Pick(labels, labelled)),
            AdjustedRandIndex.Of(Pick(scene.ObjectOfGaussian, assigned), Pick(labels, assigned)),
            AdjustedRandIndex.Of(Pick(scene.PartOfGaussian, labelled), Pick(labels, labelled)));
    }

    private static ushort[] Pick(ushort[] values, int[] indices) => [.. indices.Select(i => values[i])];
}
