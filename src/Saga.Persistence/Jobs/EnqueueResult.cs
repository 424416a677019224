namespace Saga.Persistence.Jobs;

/// <summary>What became of a wish to run a job.</summary>
public enum EnqueueOutcome
{
    /// <summary>A new job is queued.</summary>
    Created,

    /// <summary>The same idempotency key was used before; the job is the one of that time.</summary>
    Repeated,

    /// <summary>Another job of the scene is queued or running; the job is that one.</summary>
    Busy,

    /// <summary>There is no such scene.</summary>
    SceneMissing,
}

/// <param name="Outcome">What happened.</param>
/// <param name="Job">The new, repeated or blocking job; null when the scene is missing.</param>
public sealed record EnqueueResult(EnqueueOutcome Outcome, JobRecord? Job);
