namespace Saga.Worker;

/// <summary>How a worker takes and runs jobs.</summary>
public sealed record SagaWorkerOptions
{
    /// <summary>False: this process queues jobs and leaves running them to others.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Threads of one job; 0 for as many as the machine has.</summary>
    public int MaxThreads { get; init; }

    /// <summary>Folder of the installed models, one folder each; null where none can be installed.</summary>
    public string? ModelsDirectory { get; init; }

    /// <summary>Jobs at the same time. Training uses all cores, so one by default.</summary>
    public int ConcurrentJobs { get; init; } = 1;

    /// <summary>How often a running job shows a sign of life and looks whether it should stop.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After how long without a sign of life a worker counts as lost. Several heartbeats, so that a busy machine or a
    /// database that is restarted does not cost an attempt; more than twice <see cref="ReconcileEvery"/>, because only who looks
    /// often sees a silence.
    /// </summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How often the job table is searched for work that nobody does; new jobs are also announced.</summary>
    public TimeSpan ReconcileEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much work a killed worker may cost.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>At most four progress rows a second, whatever a job reports.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromMilliseconds(250);
}
