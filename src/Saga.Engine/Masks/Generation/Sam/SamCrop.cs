namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>A part of the picture that is looked at as a picture of its own.</summary>
/// <param name="Layer">0 for the whole picture; layer i cuts it into 2^i × 2^i.</param>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">Column after the last.</param>
/// <param name="Bottom">Row after the last.</param>
internal readonly record struct SamCrop(int Layer, int Left, int Top, int Right, int Bottom)
{
    /// <summary>A box that ends this near the crop's edge was probably cut by it. Pixels.</summary>
    private const int EdgeTolerance = 20;

    /// <summary>Width in pixels.</summary>
    public int Width => Right - Left;

    /// <summary>Height in pixels.</summary>
    public int Height => Bottom - Top;

    /// <summary>The whole picture, then the crops of each layer, column by column.</summary>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="layers">Layers of crops.</param>
    /// <param name="overlapRatio">Overlap in the first layer, of the shorter side.</param>
    public static List<SamCrop> Layout(int width, int height, int layers, double overlapRatio)
    {
        List<SamCrop> crops = [new(0, 0, 0, width, height)];
        for (int layer = 1; layer <= layers; layer++)
        {
            int perSide = 1 << layer;
            int overlap = (int)(overlapRatio * Math.Min(width, height) * (2.0 / perSide));
            int cropWidth = Length(width, perSide, overlap);
            int cropHeight = Length(height, perSide, overlap);
            for (int column = 0; column < perSide; column++)
            {
                for (int row = 0; row < perSide; row++)
                {
                    int left = (cropWidth - overlap) * column;
                    int top = (cropHeight - overlap) * row;
                    var crop = new SamCrop(layer, left, top, Math.Min(left + cropWidth, width), Math.Min(top + cropHeight, height));

                    // Pictures of a few pixels leave nothing for the last crops of a layer.
                    if (crop.Width > 0 && crop.Height > 0)
                    {
                        crops.Add(crop);
                    }
                }
            }
        }

        return crops;
    }

    /// <summary>
    /// True when a side of the box lies within 20 pixels of an edge of this crop that is no edge of the picture: the mask
    /// probably goes on outside.
    /// </summary>
    /// <param name="box">Box in the picture's pixels.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    public bool Cuts(PixelBox box, int width, int height) =>
        IsCut(box.Left, Left, 0) || IsCut(box.Top, Top, 0) || IsCut(box.Right, Right, width) || IsCut(box.Bottom, Bottom, height);

    private static bool IsCut(int side, int cropEdge, int pictureEdge) =>
        Math.Abs(side - cropEdge) <= EdgeTolerance && Math.Abs(side - pictureEdge) > EdgeTolerance;

    private static int Length(int side, int perSide, int overlap) =>
        (int)Math.Ceiling((double)(overlap * (perSide - 1) + side) / perSide);
}
