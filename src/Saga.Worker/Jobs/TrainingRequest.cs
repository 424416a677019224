using System.Text.Json;
using Saga.Engine.Training;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Jobs;

/// <summary>The options of a training job as the API stored them; what is null takes the preset's value.</summary>
internal sealed record TrainingRequest(
    string? Preset, int? Iterations, int? RaysPerIteration, int? FeatureDimension, long? Seed, string? MaskSource)
{
    /// <exception cref="JobFailedException">The options cannot be read.</exception>
    public static TrainingRequest Parse(string json)
    {
        try
        {
            return (JsonSerializer.Deserialize<TrainingRequest>(json, JsonSerializerOptions.Web)
                ?? throw new JsonException("null")).Checked();
        }
        catch (JsonException)
        {
            throw Invalid("The job's options are not the JSON object that this worker knows; is it older than the service?");
        }
    }

    /// <exception cref="JobFailedException">An option is out of range.</exception>
    public AffinityTrainingOptions ToOptions(int maxThreads)
    {
        AffinityTrainingOptions preset = Preset == "paper" ? AffinityTrainingOptions.Paper : AffinityTrainingOptions.Balanced;
        AffinityTrainingOptions options = preset with
        {
            Iterations = Iterations ?? preset.Iterations,
            RaysPerIteration = RaysPerIteration ?? preset.RaysPerIteration,
            FeatureDimension = FeatureDimension ?? preset.FeatureDimension,
            Seed = Seed ?? preset.Seed,
            MaxThreads = maxThreads,
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException error)
        {
            throw Invalid(error.Message);
        }
    }

    private TrainingRequest Checked()
    {
        if (Preset is not (null or "balanced" or "paper"))
        {
            throw Invalid($"The preset is «{Preset}»; this worker knows «balanced» and «paper».");
        }

        return MaskSource is null or "auto" or "uploaded" or "sam" or "builtin" ? this : throw Invalid(
            $"The mask source is «{MaskSource}»; this worker knows «auto», «uploaded», «sam» and «builtin».");
    }

    private static JobFailedException Invalid(string detail) => new(new JobFailure("invalid-options", detail));
}
