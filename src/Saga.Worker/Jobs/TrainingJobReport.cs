using System.Text.Json;
using Saga.Engine.Numerics;
using Saga.Engine.Scenes;
using Saga.Engine.Training;

namespace Saga.Worker.Jobs;

/// <summary>The report that a finished training leaves, as JSON: what it used, what it dropped and why, and where the time went.</summary>
internal static class TrainingJobReport
{
    private const int Bins = 12;

    /// <summary>A scene of which fewer masks are known than this in the median view is hardly told apart.</summary>
    private const int FewMasks = 4;

    /// <summary>Seconds of every stage of the job.</summary>
    public static IReadOnlyDictionary<string, double> StageSeconds(TrainingReport report, TrainingMasks masks)
    {
        var seconds = new Dictionary<string, double> { [masks.Made is null ? "reading masks" : "making masks"] = masks.Seconds };
        foreach ((string stage, double taken) in report.StageSeconds)
        {
            seconds[stage] = taken;
        }

        return seconds;
    }

    /// <summary>Writes it.</summary>
    public static string Write(
        TrainingReport report, TrainingInputs inputs, TrainingMasks masks, IReadOnlyDictionary<string, double> stageSeconds, int resumedFrom,
        string computedOn) =>
        JsonSerializer.Serialize(
            new
            {
                MaskSource = masks.Source,
                MaskProvider = masks.Made?.Provider,
                report.ViewsUsed,
                report.ViewsWithoutMasks,
                report.MasksUsed,
                report.MasksDropped,
                MasksPerView = Histogram.OfCounts(report.MasksPerView, Bins),
                MaskScales = Histogram.Geometric(report.MaskScales, Bins),
                ViewsMade = masks.Made?.MadeCount,
                ViewsFromPhotos = masks.Made?.Photos.UsedCount,
                ViewsDrawn = masks.Made?.Photos.DrawnCount,
                StageSeconds = stageSeconds,
                Vectors = Simd.Description,
                ComputedOn = computedOn,
                ResumedFrom = resumedFrom,
                Problems = inputs.Scene.Problems.Concat(masks.Problems).Concat(Warnings(report)),
            },
            JsonSerializerOptions.Web);

    private static IEnumerable<SceneProblem> Warnings(TrainingReport report)
    {
        int dropped = report.MasksDropped.Values.Sum();
        if (dropped > report.MasksUsed)
        {
            yield return new SceneProblem(
                "masks-off-surface",
                $"{dropped} of {dropped + report.MasksUsed} masks lie on no surface of the scene or cover a whole view and were left out. Do the "
                + "cameras, masks and Gaussians belong together?");
        }

        int[] perView = [.. report.MasksPerView.Order()];
        if (perView.Length > 0 && perView[perView.Length / 2] < FewMasks)
        {
            yield return new SceneProblem(
                "masks-few",
                $"Half of the views have fewer than {FewMasks} masks; little can be told apart then. More masks, of smaller things too, help.");
        }
    }
}
