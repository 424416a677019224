namespace Saga.Persistence.Jobs;

/// <summary>Life of a job, as the HTTP contract names it.</summary>
public enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Canceled,
}

/// <summary>One job. This table is the truth; the queue only wakes workers.</summary>
public sealed class JobRecord
{
    public Guid Id { get; set; }

    public Guid SceneId { get; set; }

    /// <summary>One of <see cref="JobKinds"/>.</summary>
    public string Kind { get; set; } = "";

    public JobState State { get; set; }

    /// <summary>What is being done, for people.</summary>
    public string Stage { get; set; } = "";

    /// <summary>0..1 over the whole job; never falls, not even across attempts.</summary>
    public double Progress { get; set; }

    public int Iteration { get; set; }

    public int Iterations { get; set; }

    public double? Loss { get; set; }

    public double? EtaSeconds { get; set; }

    public DateTimeOffset QueuedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>How often a worker has claimed the job; a job fails after <see cref="MaxAttempts"/>.</summary>
    public int Attempt { get; set; }

    /// <summary>Fencing token: a new one per claim; only the holder of the current one may write progress or results.</summary>
    public Guid? Epoch { get; set; }

    /// <summary>Last sign of life of the worker that holds the job.</summary>
    public DateTimeOffset? HeartbeatAt { get; set; }

    public bool CancelRequested { get; set; }

    public string? FailureCode { get; set; }

    public string? FailureDetail { get; set; }

    /// <summary>JSON of the options as requested.</summary>
    public string OptionsJson { get; set; } = "{}";

    /// <summary>JSON of the report written at the end: views used, masks, what was dropped, seconds per stage.</summary>
    public string? ReportJson { get; set; }

    public string? IdempotencyKey { get; set; }

    /// <summary>The API key that asked for it; null where none was needed.</summary>
    public string? OwnerKeyId { get; set; }

    /// <summary>Key of the newest checkpoint in the file store.</summary>
    public string? CheckpointKey { get; set; }

    public const int MaxAttempts = 3;
}
