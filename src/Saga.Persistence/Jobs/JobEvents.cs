using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Saga.Persistence.Jobs;

/// <summary>Something about a job or a scene changed; who cares reads the row.</summary>
/// <param name="JobId">The job, or null when only the scene changed.</param>
/// <param name="SceneId">The scene.</param>
public sealed record JobEvent(Guid? JobId, Guid SceneId);

/// <summary>
/// Carries "this job changed" from who changed it to who shows it. Delivered at least once, possibly merged: several changes
/// that nobody has read yet arrive as one.
/// </summary>
public abstract class JobEvents
{
    private readonly Lock _lock = new();
    private readonly List<JobEventSubscription> _subscriptions = [];

    /// <summary>Announces a change that is already committed. Never throws for an unreachable database: the change stands.</summary>
    public abstract Task PublishAsync(Guid? jobId, Guid sceneId, CancellationToken cancellationToken);

    /// <summary>Starts to listen at once; dispose to stop.</summary>
    public virtual JobEventSubscription Subscribe()
    {
        var subscription = new JobEventSubscription(Remove);
        lock (_lock)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Records the event in the open transaction of <paramref name="db"/>, if events outlive the process.</summary>
    internal virtual Task RecordAsync(SagaDbContext db, JobEvent change, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Announces an event whose transaction was committed, if <see cref="RecordAsync"/> did not already.</summary>
    internal virtual void Committed(JobEvent change)
    {
    }

    protected void Deliver(JobEvent change)
    {
        lock (_lock)
        {
            foreach (JobEventSubscription subscription in _subscriptions)
            {
                subscription.Add(change);
            }
        }
    }

    private void Remove(JobEventSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Remove(subscription);
        }
    }
}

/// <summary>One listener's mailbox. Holds each changed job once, so a slow reader costs memory per job, not per event.</summary>
public sealed class JobEventSubscription : IDisposable
{
    private readonly Channel<JobEvent> _events = Channel.CreateUnbounded<JobEvent>();
    private readonly HashSet<JobEvent> _unread = [];
    private readonly Action<JobEventSubscription> _remove;

    internal JobEventSubscription(Action<JobEventSubscription> remove) => _remove = remove;

    /// <summary>Events from the moment of subscribing on; ends when the subscription is disposed.</summary>
    public async IAsyncEnumerable<JobEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (JobEvent change in _events.Reader.ReadAllAsync(cancellationToken))
        {
            // Forgotten before it is handled: a change during handling must come again.
            lock (_unread)
            {
                _unread.Remove(change);
            }

            yield return change;
        }
    }

    public void Dispose()
    {
        _remove(this);
        _events.Writer.TryComplete();
    }

    internal void Add(JobEvent change)
    {
        lock (_unread)
        {
            if (_unread.Add(change))
            {
                _events.Writer.TryWrite(change);
            }
        }
    }
}
