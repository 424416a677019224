namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>
/// The 8-connected regions of a mask's set or unset pixels. Runs are cut at the columns' ends, and pieces of neighbouring columns
/// that touch, also at a corner, are joined: O(runs + columns).
/// </summary>
internal sealed class RunRegions
{
    // Column-major positions of each piece, ascending; Parent leads to the region's first piece, which holds its area.
    private readonly List<int> _starts = [];
    private readonly List<int> _ends = [];
    private int[] _parents = [];
    private int[] _areas = [];

    private RunRegions()
    {
    }

    /// <summary>Number of pieces.</summary>
    public int Count => _starts.Count;

    /// <summary>Finds the regions.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="set">Regions of set pixels; false: of unset ones.</param>
    public static RunRegions Of(BinaryMask mask, bool set)
    {
        var regions = new RunRegions();
        ReadOnlySpan<int> ends = mask.RunEnds;
        for (int run = set ? 1 : 0; run < ends.Length; run += 2)
        {
            regions.AddPieces(run == 0 ? 0 : ends[run - 1], ends[run], mask.Height);
        }

        regions.Join(mask.Height);
        return regions;
    }

    /// <summary>First position of a piece.</summary>
    public int StartOf(int piece) => _starts[piece];

    /// <summary>Position after the last of a piece.</summary>
    public int EndOf(int piece) => _ends[piece];

    /// <summary>Names the region of a piece: its first piece.</summary>
    public int RootOf(int piece)
    {
        while (_parents[piece] != piece)
        {
            piece = _parents[piece] = _parents[_parents[piece]];
        }

        return piece;
    }

    /// <summary>Pixels of the region of a piece.</summary>
    public int AreaOf(int piece) => _areas[RootOf(piece)];

    private void AddPieces(int start, int end, int height)
    {
        while (start < end)
        {
            int columnEnd = (start / height + 1) * height;
            _starts.Add(start);
            _ends.Add(Math.Min(end, columnEnd));
            start = columnEnd;
        }
    }

    private void Join(int height)
    {
        _parents = [.. Enumerable.Range(0, Count)];
        _areas = new int[Count];
        for (int left = 0, right = 0; right < Count;)
        {
            // The left piece, moved one column to the right; touching includes one row above and below.
            int leftStart = _starts[left] + height;
            int leftEnd = _ends[left] + height;
            bool sameColumnPair = _starts[left] / height + 1 == _starts[right] / height;
            if (sameColumnPair && leftStart <= _ends[right] && _starts[right] <= leftEnd)
            {
                Union(left, right);
            }

            if (leftEnd < _ends[right] && left < right)
            {
                left++;
            }
            else
            {
                right++;
            }
        }

        for (int piece = 0; piece < Count; piece++)
        {
            _areas[RootOf(piece)] += _ends[piece] - _starts[piece];
        }
    }

    private void Union(int a, int b)
    {
        (a, b) = (RootOf(a), RootOf(b));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
    }
}
