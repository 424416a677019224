using System.Buffers;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// For each wanted tile the list of Gaussians that touch it, nearest first. Counted once, then filled for one range of tiles
/// after another, so that memory stays bounded however large the Gaussians are.
/// </summary>
/// <remarks>
/// The depth-sorted Gaussians are cut into chunks; every chunk counts its own entries per tile, so the chunks can write their
/// entries side by side and the lists still come out in depth order, whatever the number of chunks.
/// </remarks>
internal sealed class TileBinning : IDisposable
{
    /// <summary>Entries held at once, unless a single tile needs more: 256 MiB.</summary>
    public const int DefaultMaxEntries = 1 << 26;

    /// <summary>Bounds the memory of the counts: chunks × tiles.</summary>
    private const int MaxCounts = 1 << 23;

    private readonly ProjectedView _view;
    private readonly WorkerPool _workers;
    private readonly bool[] _wanted;
    private readonly int _maxEntries;
    private readonly int _chunkCount;
    private readonly int[] _counts;
    private readonly long[] _tileTotals;
    private readonly int[] _starts;
    private int[] _slots = [];

    /// <param name="view">The projected Gaussians.</param>
    /// <param name="wanted">True for the tiles whose lists will be read, [tiles].</param>
    /// <param name="workers">Threads.</param>
    /// <param name="cancellationToken">Stops the counting.</param>
    /// <param name="maxEntries">Entries to hold at once.</param>
    public TileBinning(
        ProjectedView view,
        bool[] wanted,
        WorkerPool workers,
        CancellationToken cancellationToken,
        int maxEntries = DefaultMaxEntries)
    {
        _view = view;
        _workers = workers;
        _wanted = wanted;
        _maxEntries = maxEntries;
        int tiles = view.Grid.Count;
        int mostChunks = Math.Max(1, Math.Min(MaxCounts / tiles, view.VisibleCount / 1024));
        _chunkCount = workers.MaxThreads == 1 ? 1 : Math.Min(2 * workers.MaxThreads, mostChunks);
        _counts = ArrayPool<int>.Shared.Rent(_chunkCount * tiles);
        _counts.AsSpan(0, _chunkCount * tiles).Clear();
        _starts = ArrayPool<int>.Shared.Rent(tiles + 1);
        _tileTotals = new long[tiles];
        workers.For(_chunkCount, CountChunk, cancellationToken);
        for (int tile = 0; tile < tiles; tile++)
        {
            for (int chunk = 0; chunk < _chunkCount; chunk++)
            {
                _tileTotals[tile] += _counts[chunk * tiles + tile];
            }
        }
    }

    /// <summary>The Gaussians of one tile of the range filled last, as slots of the view, nearest first.</summary>
    public ReadOnlySpan<int> List(int tile) => _slots.AsSpan(_starts[tile], _starts[tile + 1] - _starts[tile]);

    /// <summary>Fills the lists of as many tiles as fit, from <paramref name="firstTile"/> on.</summary>
    /// <returns>The end of the filled range, exclusive; greater than <paramref name="firstTile"/>.</returns>
    public int Fill(int firstTile, CancellationToken cancellationToken)
    {
        int tiles = _view.Grid.Count;
        long total = 0;
        int endTile = firstTile;
        while (endTile < tiles && (endTile == firstTile || total + _tileTotals[endTile] <= _maxEntries))
        {
            _starts[endTile] = (int)total;
            total += _tileTotals[endTile++];
        }

        _starts[endTile] = (int)total;
        if (_slots.Length < total)
        {
            ArrayPool<int>.Shared.Return(_slots);
            _slots = ArrayPool<int>.Shared.Rent((int)total);
        }

        // Counts become write positions: chunk after chunk within each tile.
        for (int tile = firstTile; tile < endTile; tile++)
        {
            int position = _starts[tile];
            for (int chunk = 0; chunk < _chunkCount; chunk++)
            {
                int count = _counts[chunk * tiles + tile];
                _counts[chunk * tiles + tile] = position;
                position += count;
            }
        }

        _workers.For(_chunkCount, chunk => FillChunk(chunk, firstTile, endTile), cancellationToken);
        return endTile;
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_counts);
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_slots);
        _slots = [];
    }

    private (int Start, int End) ChunkRange(int chunk) => (
        (int)((long)_view.VisibleCount * chunk / _chunkCount), (int)((long)_view.VisibleCount * (chunk + 1) / _chunkCount));

    private void CountChunk(int chunk)
    {
        CountVisitor visitor = new(_counts.AsSpan(chunk * _view.Grid.Count, _view.Grid.Count), _wanted);
        (int start, int end) = ChunkRange(chunk);
        foreach (ulong entry in _view.DepthOrder[start..end])
        {
            int slot = DepthSort.Slot(entry);
            EllipseTiles.Visit(in _view.Gaussians[slot], _view.Boxes[slot], _view.Grid.Columns, ref visitor);
        }
    }

    private void FillChunk(int chunk, int firstTile, int endTile)
    {
        FillVisitor visitor = new(
            _counts.AsSpan(chunk * _view.Grid.Count, _view.Grid.Count), _wanted, _slots, firstTile, endTile);
        (int start, int end) = ChunkRange(chunk);
        foreach (ulong entry in _view.DepthOrder[start..end])
        {
            visitor.Slot = DepthSort.Slot(entry);
            EllipseTiles.Visit(
                in _view.Gaussians[visitor.Slot], _view.Boxes[visitor.Slot], _view.Grid.Columns, ref visitor);
        }
    }

    private readonly ref struct CountVisitor(Span<int> counts, bool[] wanted) : ITileVisitor
    {
        private readonly Span<int> _counts = counts;

        public void Visit(int first, int last)
        {
            for (int tile = first; tile <= last; tile++)
            {
                _counts[tile] += wanted[tile] ? 1 : 0;
            }
        }
    }

    private ref struct FillVisitor(Span<int> positions, bool[] wanted, int[] slots, int firstTile, int endTile) : ITileVisitor
    {
        private readonly Span<int> _positions = positions;

        public int Slot { get; set; }

        public readonly void Visit(int first, int last)
        {
            for (int tile = Math.Max(first, firstTile); tile <= Math.Min(last, endTile - 1); tile++)
            {
                if (wanted[tile])
                {
                    slots[_positions[tile]++] = Slot;
                }
            }
        }
    }
}
