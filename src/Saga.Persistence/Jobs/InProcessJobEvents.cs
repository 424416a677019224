namespace Saga.Persistence.Jobs;

/// <summary>Job events where worker and API are one process.</summary>
public sealed class InProcessJobEvents : JobEvents
{
    public override Task PublishAsync(Guid? jobId, Guid sceneId, CancellationToken cancellationToken)
    {
        Deliver(new JobEvent(jobId, sceneId));
        return Task.CompletedTask;
    }

    internal override void Committed(JobEvent change) => Deliver(change);
}
