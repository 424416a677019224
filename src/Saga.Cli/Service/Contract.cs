using System.Text.Json;

namespace Saga.Cli.Service;

/// <summary>A scene, as far as this program reads it.</summary>
public sealed record SceneAnswer(Guid Id, string Name, string State, int GaussianCount, int ViewCount, int MaskCount, JsonElement? Model);

/// <summary>A view of a scene, as far as this program reads it.</summary>
public sealed record ViewAnswer(int Index, string Name, int Width, int Height);

/// <summary>A job.</summary>
public sealed record JobAnswer(
    Guid Id, string State, string Stage, double Progress, int Iteration, int Iterations, double? Loss, double? EtaSeconds,
    JobFailureAnswer? Failure)
{
    /// <summary>True when nothing will change any more.</summary>
    public bool IsOver => State is "succeeded" or "failed" or "canceled";
}

/// <summary>Why a job failed.</summary>
public sealed record JobFailureAnswer(string Code, string Detail);

/// <summary>Options of a training; null takes the preset's value.</summary>
public sealed record TrainingRequest(string Preset, int? Iterations, long? Seed);

/// <summary>The service answered with an error, or not at all.</summary>
/// <param name="status">HTTP status; 0 when there was no answer.</param>
/// <param name="code">The problem's stable code; empty when there was none.</param>
/// <param name="detail">In words.</param>
public sealed class ServiceException(int status, string code, string detail) : Exception(detail)
{
    /// <summary>HTTP status; 0 when there was no answer.</summary>
    public int Status { get; } = status;

    /// <summary>The problem's stable code; empty when there was none.</summary>
    public string Code { get; } = code;
}
