namespace Saga.Cli.Evaluation;

/// <summary>What a target is.</summary>
public enum TargetKind
{
    /// <summary>A whole object: column 0 of the labels.</summary>
    WholeObject,

    /// <summary>One part of an object: column 1 of the labels.</summary>
    Part,
}

/// <summary>One thing to be clicked.</summary>
/// <param name="Kind">Object or part.</param>
/// <param name="Label">Its label.</param>
/// <param name="Name">Its name.</param>
/// <param name="GaussianCount">Its Gaussians.</param>
/// <param name="View">Name of the view that shows most of it.</param>
/// <param name="ViewPixels">Its visible pixels there.</param>
/// <param name="X">The click, pixels from the left edge.</param>
/// <param name="Y">The click, pixels from the top edge.</param>
/// <param name="InteriorPixels">Distance from the click to the nearest pixel outside of the target.</param>
public sealed record EvaluationTarget(
    TargetKind Kind, int Label, string Name, int GaussianCount, string View, int ViewPixels, float X, float Y, double InteriorPixels);

/// <summary>One question put to whatever answers prompts.</summary>
/// <param name="View">Name of the view; services and the engine number their views each in their own way.</param>
/// <param name="X">Pixels from the left edge; pixel centres at .5.</param>
/// <param name="Y">Pixels from the top edge.</param>
/// <param name="Scale">Quantile in [0, 1].</param>
/// <param name="Threshold">Cosine.</param>
public readonly record struct EvaluationPrompt(string View, float X, float Y, double Scale, float Threshold);
