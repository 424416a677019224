namespace Saga.Engine.Clustering;

/// <summary>Finds the widest gaps of any run of points at once: a Cartesian tree over the gaps.</summary>
/// <remarks>A node is a gap, wider than or as wide as all below it; what is left of it is below on the left.</remarks>
internal sealed class GapTree
{
    private const int None = -1;

    private readonly double[] _gaps;
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly Stack<Run> _open = new();

    private GapTree(double[] gaps)
    {
        _gaps = gaps;
        _left = new int[gaps.Length];
        _right = new int[gaps.Length];
        Array.Fill(_left, None);
        Array.Fill(_right, None);
    }

    /// <summary>The run of all points.</summary>
    public Run All { get; private set; }

    /// <summary>Builds the tree in one pass.</summary>
    /// <param name="gaps">The gap before every point, [count]; the first is none.</param>
    public static GapTree Of(double[] gaps)
    {
        var tree = new GapTree(gaps);

        // The right edge of the tree so far, widest first.
        var edge = new Stack<int>();
        int top = None;
        for (int gap = 1; gap < gaps.Length; gap++)
        {
            int below = None;
            while (edge.TryPeek(out int last) && gaps[last] < gaps[gap])
            {
                below = edge.Pop();
            }

            tree._left[gap] = below;
            if (edge.TryPeek(out int above))
            {
                tree._right[above] = gap;
            }
            else
            {
                top = gap;
            }

            edge.Push(gap);
        }

        tree.All = new Run(0, gaps.Length, top);
        return tree;
    }

    /// <summary>Parts a run at its widest gaps, all that are equal at once.</summary>
    /// <param name="run">A run of at least one point.</param>
    /// <param name="sides">Receives what is left, in order; the run itself when it is a single point.</param>
    /// <returns>The width; 0 for a single point.</returns>
    public double Split(Run run, List<Run> sides)
    {
        double width = run.Top == None ? 0 : _gaps[run.Top];
        _open.Push(run);
        while (_open.TryPop(out Run next))
        {
            if (next.Top == None || _gaps[next.Top] < width)
            {
                sides.Add(next);
            }
            else
            {
                _open.Push(new Run(next.Top, next.End, _right[next.Top]));
                _open.Push(new Run(next.Start, next.Top, _left[next.Top]));
            }
        }

        return width;
    }

    /// <summary>Points Start..End-1 of the order.</summary>
    /// <param name="Start">The first.</param>
    /// <param name="End">After the last.</param>
    /// <param name="Top">The widest gap inside; -1 in a single point.</param>
    internal readonly record struct Run(int Start, int End, int Top)
    {
        /// <summary>Number of points.</summary>
        public int Length => End - Start;
    }
}
