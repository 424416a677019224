using System.Text.Json;
using System.Text.Json.Serialization;

namespace Saga.Cli.Evaluation;

/// <summary>The outcome for one target.</summary>
/// <param name="Target">What was clicked, and where.</param>
/// <param name="BestScale">The scale with the best IoU; the smallest of them if several are equal.</param>
/// <param name="Selected">Gaussians selected at that scale, floaters aside.</param>
/// <param name="Iou">IoU at that scale.</param>
/// <param name="Precision">Share of that selection that belongs to the target.</param>
/// <param name="Recall">Share of the target in that selection.</param>
/// <param name="IouByScale">IoU at every scale of the protocol, in its order.</param>
/// <param name="Refused">Code of the refusal if any prompt was refused (its IoU counts as 0); otherwise null.</param>
public sealed record EvaluationRow(
    EvaluationTarget Target, double BestScale, int Selected, double Iou, double Precision, double Recall,
    IReadOnlyList<double> IouByScale, string? Refused);

/// <summary>The means over targets of one kind; all 0 if there are none.</summary>
/// <param name="Targets">How many.</param>
/// <param name="Iou">Mean of the best IoU of each.</param>
/// <param name="Precision">Mean precision at the best scales.</param>
/// <param name="Recall">Mean recall at the best scales.</param>
/// <param name="IouByScale">Mean IoU if the same scale were used for all.</param>
public sealed record EvaluationMean(int Targets, double Iou, double Precision, double Recall, IReadOnlyList<double> IouByScale)
{
    /// <summary>Averages rows.</summary>
    public static EvaluationMean Of(IReadOnlyCollection<EvaluationRow> rows, int scaleCount)
    {
        double Average(Func<EvaluationRow, double> value) => rows.Count == 0 ? 0 : rows.Average(value);
        return new EvaluationMean(
            rows.Count,
            Average(row => row.Iou),
            Average(row => row.Precision),
            Average(row => row.Recall),
            [.. Enumerable.Range(0, scaleCount).Select(scale => Average(row => row.IouByScale[scale]))]);
    }
}

/// <summary>The outcome of an evaluation, with every setting that led to it.</summary>
public sealed record EvaluationReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Name of the scene's folder.</summary>
    public required string Scene { get; init; }

    /// <summary>Records in the Gaussian file.</summary>
    public required int GaussianCount { get; init; }

    /// <summary>Gaussians that belong to no object and count on neither side.</summary>
    public required int FloaterCount { get; init; }

    /// <summary>How targets, points and scales were chosen.</summary>
    public required EvaluationProtocol Protocol { get; init; }

    /// <summary>How the model was made and who answered; null if the caller did not say.</summary>
    public EvaluationRun? Run { get; init; }

    /// <summary>Means over the objects.</summary>
    public required EvaluationMean ObjectMean { get; init; }

    /// <summary>Means over the parts.</summary>
    public required EvaluationMean PartMean { get; init; }

    /// <summary>One row an object, in label order.</summary>
    public required IReadOnlyList<EvaluationRow> Objects { get; init; }

    /// <summary>One row a part, in label order.</summary>
    public required IReadOnlyList<EvaluationRow> Parts { get; init; }

    /// <summary>How the scene falls apart without any prompt; null if nobody asked.</summary>
    public DecompositionReport? Decomposition { get; init; }

    /// <summary>Prompts answered.</summary>
    public required int PromptCount { get; init; }

    /// <summary>Wall-clock of all prompts and their comparison, seconds.</summary>
    public required double PromptSeconds { get; init; }

    /// <summary>The whole report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>Where the answers came from.</summary>
/// <param name="Answerer">"service" or "engine".</param>
/// <param name="TrainingOptions">The options as given to the training.</param>
/// <param name="Model">What the trained model says about itself.</param>
/// <param name="TrainingSeconds">Wall-clock from enqueueing to the end of training.</param>
/// <param name="Machine">Processors and operating system.</param>
/// <param name="Version">Version of this program.</param>
public sealed record EvaluationRun(
    string Answerer, object TrainingOptions, object? Model, double TrainingSeconds, string Machine, string Version);
