using Saga.Engine.Cameras;

namespace Saga.Engine.Rasterization;

/// <summary>The square tiles that an image is cut into, row-major. Tiles at the right and lower edges may hang over.</summary>
internal readonly record struct TileGrid(int Columns, int Rows)
{
    /// <summary>Side of a tile in pixels: two vectors of eight pixels, and lists short enough to stay in the L1 cache.</summary>
    public const int Side = 16;

    public int Count => Columns * Rows;

    public static TileGrid Of(PinholeCamera camera) =>
        new((camera.Width + Side - 1) / Side, (camera.Height + Side - 1) / Side);

    /// <summary>The tile of a position inside the image; the right and lower borders belong to the last tiles.</summary>
    public int TileOf(PixelPosition position)
    {
        int column = Math.Min((int)position.X / Side, Columns - 1);
        int row = Math.Min((int)position.Y / Side, Rows - 1);
        return row * Columns + column;
    }
}

/// <summary>A rectangle of tiles, all four bounds inclusive.</summary>
internal readonly record struct TileRectangle(ushort Left, ushort Top, ushort Right, ushort Bottom)
{
    /// <summary>The smallest rectangle with the tiles of some positions inside the image, at least one.</summary>
    public static TileRectangle Around(TileGrid grid, ReadOnlySpan<PixelPosition> pixels)
    {
        int left = grid.Columns - 1, top = grid.Rows - 1, right = 0, bottom = 0;
        foreach (PixelPosition pixel in pixels)
        {
            (int row, int column) = Math.DivRem(grid.TileOf(pixel), grid.Columns);
            (left, right) = (Math.Min(left, column), Math.Max(right, column));
            (top, bottom) = (Math.Min(top, row), Math.Max(bottom, row));
        }

        return new((ushort)left, (ushort)top, (ushort)right, (ushort)bottom);
    }

    public static TileRectangle All(TileGrid grid) => new(0, 0, (ushort)(grid.Columns - 1), (ushort)(grid.Rows - 1));
}
