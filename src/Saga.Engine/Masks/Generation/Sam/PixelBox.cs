namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>A box around a mask's set pixels, all four sides inclusive, as SAM's box arithmetic has it: one pixel has no area.</summary>
internal readonly record struct PixelBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>(Right - Left)·(Bottom - Top).</summary>
    public float Area => (float)(Right - Left) * (Bottom - Top);

    /// <summary>The box of a mask that is not empty.</summary>
    public static PixelBox Of(BinaryMask mask)
    {
        (int left, int top, int right, int bottom) = mask.GetBounds();
        return new PixelBox(left, top, right - 1, bottom - 1);
    }

    /// <summary>True when the intersection has an area.</summary>
    public bool Meets(PixelBox other) =>
        Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

    /// <summary>Intersection over union; NaN for two boxes without area.</summary>
    public float Iou(PixelBox other)
    {
        float width = Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left));
        float height = Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
        return width * height / (Area + other.Area - width * height);
    }
}
