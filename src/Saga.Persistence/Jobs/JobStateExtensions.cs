namespace Saga.Persistence.Jobs;

/// <summary>What a job's state means for its scene.</summary>
public static class JobStateExtensions
{
    /// <summary>True while the job waits or runs: no other job of its scene may start.</summary>
    public static bool IsActive(this JobState state) => state is JobState.Queued or JobState.Running;
}
