using System.Globalization;
using Saga.Cli.Evaluation;
using Saga.Cli.Service;

namespace Saga.Cli.Demo;

/// <summary>The demo's clicks: for each a line with its figures, and a picture of what was selected.</summary>
/// <param name="client">The service.</param>
/// <param name="sceneId">The trained scene.</param>
/// <param name="files">Where its photos are.</param>
/// <param name="labels">Its labels.</param>
/// <param name="pictures">Folder for the pictures.</param>
public sealed class DemoClicks(
    ServiceClient client, Guid sceneId, SceneFolder files, LabeledScene labels, string pictures)
{
    private const int ObjectCount = 5;

    /// <summary>
    /// The demo fails if the mean IoU of the five objects, the better scale of each, is below this: far under what a good
    /// training reaches, far above what an untrained or mixed-up model does (about 0.1).
    /// </summary>
    private const double MinMeanIou = 0.6;

    /// <summary>A fine and a coarse granularity.</summary>
    private static readonly double[] Scales = [0.1, 0.5];

    /// <summary>One of the clicks, to be repeated by hand.</summary>
    public ExampleClick? Example { get; private set; }

    /// <summary>Clicks, prints and draws.</summary>
    /// <returns>False, with a sentence printed, if the selections are worse than any sound training gives.</returns>
    public async Task<bool> RunAsync(TextWriter output, CancellationToken cancellationToken)
    {
        var protocol = new EvaluationProtocol();
        EvaluationTarget[] targets = [.. TargetFinder.Find(labels, protocol)
            .Where(target => target.Kind == TargetKind.WholeObject)
            .OrderByDescending(target => target.GaussianCount)
            .Take(ObjectCount)];
        ServiceAnswerer answerer = await ServiceAnswerer.CreateAsync(client, sceneId, labels, cancellationToken);
        Directory.CreateDirectory(pictures);
        output.WriteLine("  object           scale   Gaussians       ms   IoU with the object   IoU with the part   picture");
        var sheet = new Dictionary<(int Row, int Column), Picture>();
        double sum = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double best = 0;
            for (int s = 0; s < Scales.Length; s++)
            {
                EvaluationTarget target = targets[i];
                var prompt = new EvaluationPrompt(target.View, target.X, target.Y, Scales[s], protocol.Threshold);
                Example ??= new ExampleClick(answerer.IndexOf(target.View), prompt);
                (byte[] bits, double milliseconds) = await answerer.AnswerAsync(prompt);
                double iou = new GaussianOverlap(labels, TargetKind.WholeObject, target.Label).Measure(bits).Iou;
                (Picture picture, string path) = await DrawAsync(target, Scales[s], bits, answerer, cancellationToken);
                sheet[(s, i)] = picture.Halved();
                best = Math.Max(best, iou);
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {target.Name,-16} {Scales[s],5:0.0} {CountOf(bits),11} {milliseconds,8:0.0}   {iou,19:0.000}   {PartIou(target, bits),17:0.000}   out/{path}"));
            }

            sum += best;
        }

        SaveSheet(sheet, Path.Combine(pictures, "demo.png"));
        double mean = sum / targets.Length;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  mean IoU of the {targets.Length} objects at the better scale: {mean:0.000}; all pictures together: out/demo.png"));
        if (mean < MinMeanIou)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"The demo failed: a mean IoU of {mean:0.000} is below {MinMeanIou}, so the training or the prompts are broken."));
        }

        return mean >= MinMeanIou;
    }

    private async Task<(Picture Picture, string Name)> DrawAsync(
        EvaluationTarget target, double scale, byte[] bits, ServiceAnswerer answerer, CancellationToken cancellationToken)
    {
        string photo = files.PhotoOf(target.View) ?? throw new InvalidDataException($"There is no photo of {target.View}.");
        Picture picture = Picture.Read(photo);
        string name = string.Create(CultureInfo.InvariantCulture, $"{target.Name}-{scale:0.0}");
        Guid selection = await client.SaveSelectionAsync(sceneId, name, bits, cancellationToken);
        byte[] png = await client.GetViewMaskAsync(sceneId, answerer.IndexOf(target.View), selection, cancellationToken);
        picture.Highlight(ViewMask.Read(png, picture.Width, picture.Height));
        picture.Mark(target.X, target.Y);
        picture.Save(Path.Combine(pictures, name + ".png"));
        return (picture, name + ".png");
    }

    /// <summary>IoU with the part under the click.</summary>
    private double PartIou(EvaluationTarget target, byte[] bits)
    {
        LabeledView view = labels.Views.First(v => v.Name == target.View);
        ushort part = view.Parts[(int)target.Y * view.Width + (int)target.X];
        return new GaussianOverlap(labels, TargetKind.Part, part).Measure(bits).Iou;
    }

    private static int CountOf(byte[] bits) => bits.Sum(b => System.Numerics.BitOperations.PopCount(b));

    private static void SaveSheet(Dictionary<(int Row, int Column), Picture> cells, string path)
    {
        int width = cells.Values.Max(cell => cell.Width);
        int height = cells.Values.Max(cell => cell.Height);
        var sheet = new Picture(
            width * (cells.Keys.Max(at => at.Column) + 1), height * (cells.Keys.Max(at => at.Row) + 1));
        foreach (((int row, int column), Picture cell) in cells)
        {
            sheet.Paste(cell, column * width, row * height);
        }

        sheet.Save(path);
    }
}

/// <summary>A click that can be repeated by hand.</summary>
/// <param name="View">Index of the view in the service.</param>
/// <param name="Prompt">The click.</param>
public sealed record ExampleClick(int View, EvaluationPrompt Prompt);
