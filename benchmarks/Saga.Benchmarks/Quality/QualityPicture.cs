using System.Globalization;
using System.Security;
using System.Text;

namespace Saga.Benchmarks.Quality;

/// <summary>Draws the IoU of clicks over seconds of training: a panel per scene, a colour per preset.</summary>
internal static class QualityPicture
{
    private const double PanelWidth = 420;
    private const double PanelHeight = 300;
    private const double Left = 60;
    private const double Top = 56;
    private const double Gap = 70;

    // Seconds on the axis, logarithmic.
    private const double FirstSecond = 5;
    private const double LastSecond = 500;
    private static readonly double[] SecondTicks = [5, 10, 20, 50, 100, 200, 400];

    /// <summary>The picture as SVG; readable on light and dark pages, as it brings its own background.</summary>
    public static string ToSvg(IReadOnlyList<QualityCurve> curves)
    {
        string[] scenes = [.. curves.Select(c => c.Scene).Distinct()];
        double width = Left + scenes.Length * (PanelWidth + Gap);
        double height = Top + PanelHeight + 90;
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" "));
        svg.Append("font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n");
        svg.Append(Invariant($"<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"));
        Text(svg, Left, 22, "start", "Mean IoU of one click at its best of eleven scales, over the time of training", "font-size=\"15\"");
        for (int i = 0; i < scenes.Length; i++)
        {
            Panel(svg, Left + i * (PanelWidth + Gap), scenes[i], [.. curves.Where(c => c.Scene == scenes[i])]);
        }

        Legend(svg, Left, height - 18);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, double left, string scene, IReadOnlyList<QualityCurve> curves)
    {
        Text(svg, left, Top - 8, "start", scene, "font-weight=\"bold\"");
        for (int tick = 0; tick <= 10; tick += 2)
        {
            double y = Y(tick / 10.0);
            Line(svg, left, y, left + PanelWidth, y, "#ddd");
            Text(svg, left - 8, y + 4, "end", (tick / 10.0).ToString("0.0", CultureInfo.InvariantCulture));
        }

        foreach (double second in SecondTicks)
        {
            double x = X(left, second);
            Line(svg, x, Top, x, Top + PanelHeight, "#eee");
            Text(svg, x, Top + PanelHeight + 18, "middle", Invariant($"{second}"));
        }

        Text(svg, left + PanelWidth / 2, Top + PanelHeight + 38, "middle", "processor seconds of training; on two cores about half as many seconds");
        foreach (QualityCurve curve in curves)
        {
            Curve(svg, left, curve, p => p.ObjectIou, "");
            Curve(svg, left, curve, p => p.PartIou, "stroke-dasharray=\"6 4\" ");
        }
    }

    private static void Curve(StringBuilder svg, double left, QualityCurve curve, Func<QualityPoint, double> iou, string dashes)
    {
        string points = string.Join(' ', curve.Points.Select(p => Invariant($"{X(left, p.Seconds):0.0},{Y(iou(p)):0.0}")));
        svg.Append(Invariant($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{Color(curve.Preset)}\" stroke-width=\"2\" {dashes}/>\n"));
        foreach (QualityPoint point in curve.Points)
        {
            svg.Append(Invariant($"<circle cx=\"{X(left, point.Seconds):0.0}\" cy=\"{Y(iou(point)):0.0}\" r=\"2.5\" fill=\"{Color(curve.Preset)}\"/>\n"));
        }
    }

    private static void Legend(StringBuilder svg, double left, double y)
    {
        (string Text, string Preset, string Dashes)[] entries =
        [
            ("objects, default", "balanced", ""), ("parts, default", "balanced", "6 4"),
            ("objects, paper's setting", "paper", ""), ("parts, paper's setting", "paper", "6 4"),
        ];
        for (int i = 0; i < entries.Length; i++)
        {
            double x = left + i * 215;
            svg.Append(Invariant($"<line x1=\"{x}\" y1=\"{y - 4}\" x2=\"{x + 32}\" y2=\"{y - 4}\" stroke=\"{Color(entries[i].Preset)}\" "));
            svg.Append(Invariant($"stroke-width=\"2\" stroke-dasharray=\"{(entries[i].Dashes.Length > 0 ? entries[i].Dashes : "none")}\"/>\n"));
            Text(svg, x + 40, y, "start", entries[i].Text);
        }
    }

    private static string Color(string preset) => preset == "paper" ? "#c2571a" : "#1664c0";

    private static double X(double left, double seconds) =>
        left + PanelWidth * Math.Log(Math.Clamp(seconds, FirstSecond, LastSecond) / FirstSecond) / Math.Log(LastSecond / FirstSecond);

    private static double Y(double iou) => Top + PanelHeight * (1 - iou);

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string color) =>
        svg.Append(Invariant($"<line x1=\"{x1:0.0}\" y1=\"{y1:0.0}\" x2=\"{x2:0.0}\" y2=\"{y2:0.0}\" stroke=\"{color}\"/>\n"));

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text, string more = "") =>
        svg.Append(Invariant($"<text x=\"{x:0.0}\" y=\"{y:0.0}\" text-anchor=\"{anchor}\" {more}>{SecurityElement.Escape(text)}</text>\n"));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
