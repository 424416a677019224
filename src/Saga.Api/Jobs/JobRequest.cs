using Saga.Api.Hosting;
using Saga.Persistence.Jobs;

namespace Saga.Api.Jobs;

/// <summary>A job to run for a scene.</summary>
/// <param name="Kind">"train", or "vocabulary": look at the masks of a trained scene with CLIP, so that texts find things in it.</param>
/// <param name="Options">Options of the training; defaults where left out.</param>
internal sealed record JobRequest(string? Kind, TrainOptionsRequest? Options)
{
    private static readonly string[] Kinds = [JobKinds.Train, JobKinds.Vocabulary];

    /// <exception cref="RefusedException">422: names the option, what was found and what is accepted.</exception>
    public void Check()
    {
        if (!Kinds.Contains(Kind))
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidOptions, $"kind is «{LogText.Clean(Kind)}»; the kinds of job are: {string.Join(", ", Kinds)}.");
        }

        if (Kind != JobKinds.Train && Options is not null)
        {
            throw RefusedException.Unprocessable(ProblemCodes.InvalidOptions, $"A job of kind {Kind} has no options.");
        }

        Options?.Check();
    }
}

/// <summary>Options of a training; what is null takes the preset's value.</summary>
/// <param name="Preset">"balanced" (default, found best) or "paper" (as published).</param>
/// <param name="Iterations">1 to 1,000,000.</param>
/// <param name="RaysPerIteration">16 to 8,192.</param>
/// <param name="FeatureDimension">8 to 64, a multiple of 8.</param>
/// <param name="Seed">Any; the same seed gives the same model.</param>
/// <param name="MaskSource">
/// "auto" (default: the uploaded masks if there are any, else SAM if it is installed, else the built-in generator), "uploaded", "sam" or "builtin".
/// </param>
internal sealed record TrainOptionsRequest(
    string? Preset, int? Iterations, int? RaysPerIteration, int? FeatureDimension, long? Seed, string? MaskSource)
{
    public static TrainOptionsRequest Defaults { get; } = new(null, null, null, null, null, null);

    private static readonly string[] Presets = ["balanced", "paper"];
    private static readonly string[] MaskSources = ["auto", "uploaded", "sam", "builtin"];

    public void Check()
    {
        OneOf("preset", Preset, Presets);
        OneOf("maskSource", MaskSource, MaskSources);
        InRange("iterations", Iterations, 1, 1_000_000);
        InRange("raysPerIteration", RaysPerIteration, 16, 8192);
        InRange("featureDimension", FeatureDimension, 8, 64);
        if (FeatureDimension % 8 is > 0)
        {
            throw Refuse($"options.featureDimension is {FeatureDimension}; it is a multiple of 8 from 8 to 64.");
        }
    }

    private static void OneOf(string name, string? value, string[] accepted)
    {
        if (value is not null && !accepted.Contains(value))
        {
            throw Refuse($"options.{name} is «{LogText.Clean(value)}»; accepted: {string.Join(", ", accepted)}.");
        }
    }

    private static void InRange(string name, int? value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw Refuse($"options.{name} is {value}; it is {min} to {max}.");
        }
    }

    private static RefusedException Refuse(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidOptions, detail);
}
