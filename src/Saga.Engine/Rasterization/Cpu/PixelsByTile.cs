namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Positions grouped by the tile they lie in.</summary>
internal sealed class PixelsByTile
{
    private readonly int[] _starts;
    private readonly int[] _pixels;

    public PixelsByTile(TileGrid grid, ReadOnlySpan<PixelPosition> positions)
    {
        int[] tileOfPixel = new int[positions.Length];
        _starts = new int[grid.Count + 1];
        for (int pixel = 0; pixel < positions.Length; pixel++)
        {
            tileOfPixel[pixel] = grid.TileOf(positions[pixel]);
            _starts[tileOfPixel[pixel] + 1]++;
        }

        IsOccupied = new bool[grid.Count];
        List<int> occupied = [];
        for (int tile = 0; tile < grid.Count; tile++)
        {
            if (_starts[tile + 1] > 0)
            {
                IsOccupied[tile] = true;
                occupied.Add(tile);
            }

            _starts[tile + 1] += _starts[tile];
        }

        OccupiedTiles = [.. occupied];
        _pixels = new int[positions.Length];
        int[] next = _starts.AsSpan(0, grid.Count).ToArray();
        for (int pixel = 0; pixel < positions.Length; pixel++)
        {
            _pixels[next[tileOfPixel[pixel]]++] = pixel;
        }
    }

    /// <summary>Whether a tile holds a position, [tiles].</summary>
    public bool[] IsOccupied { get; }

    /// <summary>Tiles that hold a position, ascending.</summary>
    public int[] OccupiedTiles { get; }

    /// <summary>Numbers of the positions in a tile, ascending.</summary>
    public ReadOnlySpan<int> PixelsOf(int tile) => _pixels.AsSpan(_starts[tile].._starts[tile + 1]);
}
