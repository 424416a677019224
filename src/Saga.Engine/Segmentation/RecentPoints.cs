using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Segmentation;

/// <summary>What the latest points of a scene and its model showed: the user who moves the scale keeps asking about the same click.</summary>
/// <remarks>Least recently used first out. Features are raw, so they are good for every scale. Safe to share between threads.</remarks>
internal sealed class RecentPoints
{
    // Some 2 KB each; the points of a few users, or of a long stroke.
    private const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<(Key Key, QueryFeature Feature)>> _byKey = new(Capacity);
    private readonly LinkedList<(Key Key, QueryFeature Feature)> _latestFirst = new();

    /// <summary>Returns what a point showed, or null when it was not asked lately.</summary>
    public QueryFeature? Find(PinholeCamera camera, PixelPosition position)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(new Key(camera, position), out LinkedListNode<(Key Key, QueryFeature Feature)>? node))
            {
                return null;
            }

            _latestFirst.Remove(node);
            _latestFirst.AddFirst(node);
            return node.Value.Feature;
        }
    }

    /// <summary>Remembers what a point shows.</summary>
    public void Add(PinholeCamera camera, PixelPosition position, QueryFeature feature)
    {
        var key = new Key(camera, position);
        lock (_lock)
        {
            if (_byKey.ContainsKey(key))
            {
                return;
            }

            if (_byKey.Count == Capacity)
            {
                _byKey.Remove(_latestFirst.Last!.Value.Key);
                _latestFirst.RemoveLast();
            }

            _byKey.Add(key, _latestFirst.AddFirst((key, feature)));
        }
    }

    // Compared by their numbers: cameras of requests are new objects each time.
    private readonly record struct Key(PinholeCamera Camera, PixelPosition Position);
}
