using System.Text.Json;

namespace Saga.Cli.Evaluation.Protocols;

/// <summary>Everything that decides a protocol's figures; written into its report.</summary>
/// <param name="Protocol">"nvos", "spin-nerf" or "3d-ovs".</param>
/// <param name="PositivePoints">Clicks on the thing.</param>
/// <param name="NegativePoints">Clicks beside it.</param>
/// <param name="Seed">Seed of the clicks and of the training.</param>
/// <param name="Threshold">Cosine at which a Gaussian counts as selected.</param>
/// <param name="Scales">Scales tried on the reference view.</param>
public sealed record ProtocolSettings(
    string Protocol, int PositivePoints, int NegativePoints, long Seed, float Threshold, IReadOnlyList<double> Scales);

/// <summary>One view's figures.</summary>
/// <param name="View">The view.</param>
/// <param name="Iou">Intersection over union of pixels.</param>
/// <param name="Accuracy">Share of pixels that are right.</param>
public sealed record ProtocolResult(string View, double Iou, double Accuracy);

/// <summary>One thing's figures.</summary>
/// <param name="Name">The thing.</param>
/// <param name="ReferenceView">Where it was clicked.</param>
/// <param name="PositivePoints">Clicks on it.</param>
/// <param name="NegativePoints">Clicks beside it.</param>
/// <param name="Scale">Scale chosen on the reference view.</param>
/// <param name="ReferenceIou">IoU with the marks there.</param>
/// <param name="SelectedCount">Gaussians selected.</param>
/// <param name="Views">The other views.</param>
public sealed record ProtocolRow(
    string Name, string ReferenceView, int PositivePoints, int NegativePoints, double Scale, double ReferenceIou, int SelectedCount,
    IReadOnlyList<ProtocolResult> Views)
{
    /// <summary>Mean over the views.</summary>
    public double Iou => Views.Average(view => view.Iou);

    /// <summary>Mean over the views.</summary>
    public double Accuracy => Views.Average(view => view.Accuracy);
}

/// <summary>The outcome of a protocol, with every setting that led to it.</summary>
/// <param name="Scene">Name of the scene's folder.</param>
/// <param name="Settings">How it was run.</param>
/// <param name="Rows">One a thing.</param>
/// <param name="Run">How the model was made.</param>
public sealed record ProtocolReport(string Scene, ProtocolSettings Settings, IReadOnlyList<ProtocolRow> Rows, EvaluationRun Run)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Mean over the things.</summary>
    public double MeanIou => Rows.Average(row => row.Iou);

    /// <summary>Mean over the things.</summary>
    public double MeanAccuracy => Rows.Average(row => row.Accuracy);

    /// <summary>The whole report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Prints the report for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(FormattableString.Invariant(
            $"{Scene}, protocol {Settings.Protocol}: {Settings.PositivePoints} positive and {Settings.NegativePoints} negative points, seed {Settings.Seed}, threshold {Settings.Threshold}, scale chosen on the reference view"));
        foreach (ProtocolRow row in Rows)
        {
            output.WriteLine(FormattableString.Invariant(
                $"  {row.Name,-32} from {row.ReferenceView}, scale {row.Scale:0.0}: IoU {row.Iou:0.0000}, accuracy {row.Accuracy:0.0000} over {row.Views.Count} views"));
        }

        output.WriteLine(FormattableString.Invariant($"mean IoU {MeanIou:0.0000}, mean accuracy {MeanAccuracy:0.0000} ({Rows.Count})"));
    }
}
