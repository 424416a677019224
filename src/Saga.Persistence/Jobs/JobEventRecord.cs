namespace Saga.Persistence.Jobs;

/// <summary>One change of a job or scene, kept for a while so that a listener that lost its connection can catch up.</summary>
internal sealed class JobEventRecord
{
    public long Id { get; set; }

    public Guid? JobId { get; set; }

    public Guid SceneId { get; set; }

    public DateTimeOffset At { get; set; }
}
