using System.Globalization;

namespace Saga.Cli.Evaluation;

/// <summary>Prints a report for people.</summary>
public static class EvaluationTable
{
    private const int NameWidth = 42;

    /// <summary>Writes one line a target, then the means.</summary>
    public static void Write(EvaluationReport report, TextWriter output)
    {
        string scales = string.Join("  ", report.Protocol.Scales.Select(s => s.ToString("0.0", CultureInfo.InvariantCulture)));
        string header = Line("", "Gaussians", "view", "scale", "IoU", "prec.", "recall") + "   IoU in % at scale  " + scales;
        output.WriteLine(FormattableString.Invariant(
            $"{report.Scene}: {report.GaussianCount} Gaussians, {report.FloaterCount} floaters left out, threshold {report.Protocol.Threshold}, one click each"));
        foreach ((string kind, IReadOnlyList<EvaluationRow> rows, EvaluationMean mean) in
            (ReadOnlySpan<(string, IReadOnlyList<EvaluationRow>, EvaluationMean)>)
            [("object", report.Objects, report.ObjectMean), ("part", report.Parts, report.PartMean)])
        {
            output.WriteLine();
            output.WriteLine(kind.PadRight(NameWidth) + header[NameWidth..]);
            foreach (EvaluationRow row in rows)
            {
                output.WriteLine(Line(
                    row.Target.Name, Whole(row.Target.GaussianCount), row.Target.View, Number(row.BestScale, "0.0"),
                    Number(row.Iou), Number(row.Precision), Number(row.Recall))
                    + Curve(row.IouByScale) + (row.Refused is null ? "" : $"  refused: {row.Refused}"));
            }

            output.WriteLine(Line(
                $"mean of {mean.Targets}", "", "", "", Number(mean.Iou), Number(mean.Precision), Number(mean.Recall))
                + Curve(mean.IouByScale));
        }

        if (report.Decomposition is { } decomposition)
        {
            Write(decomposition, output);
        }

        output.WriteLine();
        output.WriteLine(FormattableString.Invariant(
            $"mean object IoU {report.ObjectMean.Iou:0.0000} ({report.ObjectMean.Targets}), mean part IoU {report.PartMean.Iou:0.0000} ({report.PartMean.Targets}); {report.PromptCount} prompts in {report.PromptSeconds:0.0} s"));
    }

    private static void Write(DecompositionReport report, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("decomposition, without clicks; ARI: adjusted Rand index, the unassigned as one cluster");
        output.WriteLine("scale  clusters  unassigned  object ARI  of assigned  part ARI");
        foreach (DecompositionRow row in report.Scales)
        {
            output.WriteLine(FormattableString.Invariant(
                $"{row.Scale,5:0.0}{row.Clusters,10}{row.Unassigned,12:0.000}{row.ObjectAri,12:0.000}{row.ObjectAriOfAssigned,13:0.000}{row.PartAri,10:0.000}"));
        }

        output.WriteLine(FormattableString.Invariant(
            $"best object ARI {report.BestObjectAri:0.0000} at scale {report.BestObjectScale:0.0}, best part ARI {report.BestPartAri:0.0000} at scale {report.BestPartScale:0.0}"));
    }

    private static string Line(string name, string count, string view, string scale, string iou, string precision, string recall)
    {
        string shown = name.Length < NameWidth ? name : name[..(NameWidth - 2)] + "…";
        return $"{shown,-NameWidth}{count,9}  {view,-10}{scale,5}  {iou,6}  {precision,6}  {recall,6}";
    }

    private static string Curve(IReadOnlyList<double> values) =>
        "                      " + string.Join("  ", values.Select(v => $"{Math.Round(100 * v),3:0}"));

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}
