using System.Buffers;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// For each wanted tile the list of Gaussians that touch it. Counted once, then filled for one range of tiles after another,
/// so that memory stays bounded however large the Gaussians are.
/// </summary>
/// <remarks>
/// The Gaussians are cut into chunks; every chunk counts its own entries per tile, so the chunks can write side by side and the
/// lists come out in the order of the slots, whatever the number of chunks. They are sorted by depth where they are used: a
/// tile's list fits the L1 cache, and everything here is read in sequence, which is faster than sorting the whole view first.
/// </remarks>
internal sealed class TileBinning : IDisposable
{
    /// <summary>Entries held at once, unless a single tile needs more: 256 MiB.</summary>
    public const int DefaultMaxEntries = 1 << 25;

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
    private ulong[] _entries = [];

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
        int mostChunks = Math.Max(1, Math.Min(MaxCounts / tiles, view.ChunkCounts.Length));
        _chunkCount = workers.MaxThreads == 1 ? 1 : Math.Min(4 * workers.MaxThreads, mostChunks);
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

    /// <summary>The Gaussians of one tile of the range filled last, as entries of <see cref="DepthSort"/> by slot.</summary>
    public ReadOnlySpan<ulong> List(int tile) => _entries.AsSpan(_starts[tile].._starts[tile + 1]);

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
        if (_entries.Length < total)
        {
            ArrayPool<ulong>.Shared.Return(_entries);
            _entries = ArrayPool<ulong>.Shared.Rent((int)total);
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
        ArrayPool<ulong>.Shared.Return(_entries);
        _entries = [];
    }

    private void CountChunk(int chunk)
    {
        CountVisitor visitor = new(_counts.AsSpan(chunk * _view.Grid.Count, _view.Grid.Count), _wanted);
        VisitChunk(chunk, ref visitor);
    }

    private void FillChunk(int chunk, int firstTile, int endTile)
    {
        FillVisitor visitor = new(
            _counts.AsSpan(chunk * _view.Grid.Count, _view.Grid.Count), _wanted, _entries, firstTile, endTile);
        VisitChunk(chunk, ref visitor);
    }

    private void VisitChunk<TVisitor>(int chunk, ref TVisitor visitor)
        where TVisitor : struct, ITileVisitor, allows ref struct
    {
        int[] counts = _view.ChunkCounts;
        int end = (int)((long)counts.Length * (chunk + 1) / _chunkCount);
        for (int c = (int)((long)counts.Length * chunk / _chunkCount); c < end; c++)
        {
            int start = c * ProjectedView.ProjectionChunk;
            ReadOnlySpan<ProjectedGaussian> gaussians = _view.Gaussians.AsSpan(start, counts[c]);
            ReadOnlySpan<TileRectangle> boxes = _view.Boxes.AsSpan(start, counts[c]);
            for (int i = 0; i < gaussians.Length; i++)
            {
                visitor.Begin(gaussians[i].Depth, start + i);
                EllipseTiles.Visit(in gaussians[i], boxes[i], _view.Grid.Columns, ref visitor);
            }
        }
    }

    private readonly ref struct CountVisitor(Span<int> counts, bool[] wanted) : ITileVisitor
    {
        private readonly Span<int> _counts = counts;

        public void Begin(float depth, int slot)
        {
        }

        public void Visit(int first, int last)
        {
            for (int tile = first; tile <= last; tile++)
            {
                _counts[tile] += wanted[tile] ? 1 : 0;
            }
        }
    }

    private ref struct FillVisitor(Span<int> positions, bool[] wanted, ulong[] entries, int firstTile, int endTile) : ITileVisitor
    {
        private readonly Span<int> _positions = positions;
        private ulong _entry;

        public void Begin(float depth, int slot) => _entry = DepthSort.Entry(depth, slot);

        public readonly void Visit(int first, int last)
        {
            for (int tile = Math.Max(first, firstTile); tile <= Math.Min(last, endTile - 1); tile++)
            {
                if (wanted[tile])
                {
                    entries[_positions[tile]++] = _entry;
                }
            }
        }
    }
}
