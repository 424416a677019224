using Saga.Engine.Compute.OpenCl;

namespace Saga.Engine.Rasterization.OpenCl;

/// <summary>What the tiles of one view see, on the device: counted, and filled for one range of tiles at a time.</summary>
/// <param name="Count">Gaussians.</param>
/// <param name="Grid">The tiles.</param>
/// <param name="Wanted">Which tiles are looked at; null for all.</param>
/// <param name="Projected">Gaussians as the view sees them, by engine index.</param>
/// <param name="Boxes">The tiles of their bounding boxes, by engine index.</param>
/// <param name="Counts">Entries of each tile that are not filled yet.</param>
/// <param name="Starts">Entries of all tiles before each, of all, and of the tile with most, [tiles + 2].</param>
/// <param name="Total">Entries of all tiles.</param>
internal sealed record TileLists(
    int Count, TileGrid Grid, OpenClBuffer? Wanted, OpenClBuffer Projected, OpenClBuffer Boxes, OpenClBuffer Counts, OpenClBuffer Starts, long Total)
{
    private const int SortGroup = 64;

    /// <summary>Cuts the tiles into ranges that have at most so many entries together, or are one tile.</summary>
    public IReadOnlyList<(int First, int End)> Ranges(OpenClSession session, long maxEntries)
    {
        if (Total <= maxEntries)
        {
            return [(0, Grid.Count)];
        }

        ulong[] starts = new ulong[Grid.Count + 1];
        session.Read(Starts, starts.AsSpan());
        var ranges = new List<(int First, int End)>();
        for (int first = 0, end; first < Grid.Count; first = end)
        {
            for (end = first + 1; end < Grid.Count && starts[end + 1] - starts[first] <= (ulong)maxEntries;)
            {
                end++;
            }

            ranges.Add((first, end));
        }

        return ranges;
    }

    /// <summary>Fills and sorts the lists of a range of tiles, each range once.</summary>
    /// <returns>The entries, the range's first tile first: the depth's bits in the upper half and the engine index in the lower.</returns>
    public OpenClBuffer Fill(OpenClSession session, int first, int end)
    {
        long entryCount = first == 0 && end == Grid.Count
            ? Total
            : (long)(session.Read<ulong>(Starts, 8L * end) - session.Read<ulong>(Starts, 8L * first));
        OpenClBuffer entries = session.Keep("entries", 8 * entryCount);
        session.Run(
            "fill_tiles", Count, DeviceTiles.Group, Count, Grid.Columns, Wanted, Projected, Boxes, Starts, first, end, Counts, entries);
        session.Run("sort_tiles", (long)(end - first) * SortGroup, SortGroup, Starts, first, entries);
        return entries;
    }
}
