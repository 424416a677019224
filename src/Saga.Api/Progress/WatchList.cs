namespace Saga.Api.Progress;

/// <summary>What the connections of this process watch; what nobody watches costs nothing.</summary>
internal sealed class WatchList
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, WatchedTopic> _topics = [];

    public WatchedTopic? Find(Guid id)
    {
        lock (_lock)
        {
            return _topics.GetValueOrDefault(id);
        }
    }

    public WatchedTopic Add(Guid id, bool isJob)
    {
        lock (_lock)
        {
            if (!_topics.TryGetValue(id, out WatchedTopic? topic))
            {
                _topics.Add(id, topic = new WatchedTopic(id, isJob));
            }

            topic.Watchers++;
            return topic;
        }
    }

    public void Remove(Guid id)
    {
        lock (_lock)
        {
            if (_topics.TryGetValue(id, out WatchedTopic? topic) && --topic.Watchers == 0)
            {
                _topics.Remove(id);
            }
        }
    }
}
