using System.Runtime.InteropServices;

namespace Saga.Engine.Masks;

/// <summary>Collects the set intervals of a mask, in column-major order, into canonical runs.</summary>
internal sealed class MaskRunBuilder
{
    private readonly List<int> _runEnds = [];

    /// <summary>Run ends so far.</summary>
    public int RunCount => _runEnds.Count;

    /// <summary>Sets [start, end); intervals come in ascending order and may touch, not overlap.</summary>
    public void AddSet(int start, int end)
    {
        if (start == end)
        {
            return;
        }

        if (_runEnds.Count > 0 && _runEnds[^1] == start)
        {
            _runEnds[^1] = end;
            return;
        }

        _runEnds.Add(start);
        _runEnds.Add(end);
    }

    /// <summary>The mask of everything added; the builder is empty afterwards.</summary>
    public BinaryMask Build(int width, int height)
    {
        int size = BinaryMask.CheckedSize(width, height);
        if (_runEnds.Count == 0 || _runEnds[^1] < size)
        {
            _runEnds.Add(size);
        }

        var mask = BinaryMask.FromCanonicalRunEnds(width, height, CollectionsMarshal.AsSpan(_runEnds).ToArray());
        _runEnds.Clear();
        return mask;
    }
}
