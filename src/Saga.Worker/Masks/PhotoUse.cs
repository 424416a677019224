using Saga.Engine.Scenes;

namespace Saga.Worker.Masks;

/// <summary>Counts which photos were of use. Safe to use from several threads.</summary>
internal sealed class PhotoUse
{
    private const int NamesShown = 3;

    private readonly Lock _lock = new();
    private readonly SortedSet<string> _missing = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _unusable = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Views seen through their photo.</summary>
    public int UsedCount
    {
        get
        {
            lock (_lock)
            {
                return _used.Count;
            }
        }
    }

    /// <summary>Views that were drawn instead.</summary>
    public int DrawnCount
    {
        get
        {
            lock (_lock)
            {
                return _missing.Count + _unusable.Count;
            }
        }
    }

    /// <summary>A view's photo is used.</summary>
    public void NoteUsed(string view)
    {
        lock (_lock)
        {
            _used.Add(view);
        }
    }

    /// <summary>A view has no photo.</summary>
    public void NoteMissing(string view)
    {
        lock (_lock)
        {
            _missing.Add(view);
        }
    }

    /// <summary>A view's photo cannot be used, although its header may have looked well.</summary>
    /// <param name="reason">For the scene's owner.</param>
    public void NoteUnusable(string view, string reason)
    {
        lock (_lock)
        {
            _used.Remove(view);
            _unusable[view] = reason;
        }
    }

    /// <summary>What the scene's owner should know.</summary>
    public IReadOnlyList<SceneProblem> Problems()
    {
        var problems = new List<SceneProblem>();
        lock (_lock)
        {
            if (_unusable.Count > 0)
            {
                problems.Add(new SceneProblem(
                    "photos-unusable",
                    $"{_unusable.Count} photos cannot be used and their views were drawn instead ({Names(_unusable.Keys)}). The first: {_unusable.First().Value}"));
            }

            if (_missing.Count > 0 && _used.Count > 0)
            {
                problems.Add(new SceneProblem(
                    "views-without-photo",
                    $"{_missing.Count} of {_missing.Count + _used.Count + _unusable.Count} views have no photo and were drawn instead ({Names(_missing)})."));
            }
        }

        return problems;
    }

    private static string Names(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(NamesShown)) + (names.Count > NamesShown ? ", …" : "");
}
