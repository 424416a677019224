using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Rasterization;

namespace Saga.Tests.Masks.Generation;

/// <summary>A picture whose regions are known: rectangles, each with a colour and a depth. What was not painted shows nothing.</summary>
internal sealed class PaintedPicture
{
    private static readonly CameraPose Identity = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

    private readonly byte[] _rgb;
    private readonly float[] _depth;
    private readonly float[] _alpha;

    public PaintedPicture(int width, int height)
    {
        Width = width;
        Height = height;
        _rgb = new byte[3 * width * height];
        _depth = new float[width * height];
        _alpha = new float[width * height];
    }

    public int Width { get; }

    public int Height { get; }

    public PinholeCamera Camera => new(Width, Height, Width, Width, 0.5 * Width, 0.5 * Height, Identity);

    public ViewPicture Picture => new(
        new RgbImage(Width, Height, _rgb),
        new RenderedImage { Width = Width, Height = Height, Depth = _depth, Alpha = _alpha },
        Camera);

    public ViewPicture WithoutAlpha => Picture with { Rendering = new RenderedImage { Width = Width, Height = Height, Depth = _depth } };

    public PaintedPicture Paint(PixelBox box, (byte R, byte G, byte B) color, float depth) => Paint(box, color, (_, _) => depth);

    public PaintedPicture Paint(PixelBox box, (byte R, byte G, byte B) color, Func<int, int, float> depth)
    {
        for (int y = box.Top; y < box.Bottom; y++)
        {
            for (int x = box.Left; x < box.Right; x++)
            {
                int i = y * Width + x;
                (_rgb[3 * i], _rgb[3 * i + 1], _rgb[3 * i + 2]) = color;
                _depth[i] = depth(x, y);
                _alpha[i] = 1;
            }
        }

        return this;
    }

    /// <summary>Adds the noise of a sensor to the colours and of a splat to the depths.</summary>
    public PaintedPicture WithNoise(int seed, int color, float relativeDepth)
    {
        var random = new Random(seed);
        for (int i = 0; i < _depth.Length; i++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                _rgb[3 * i + channel] = (byte)Math.Clamp(_rgb[3 * i + channel] + random.Next(-color, color + 1), 0, 255);
            }

            _depth[i] *= 1 + relativeDepth * (2 * random.NextSingle() - 1);
        }

        return this;
    }

    public BinaryMask MaskOf(params ReadOnlySpan<PixelBox> boxes)
    {
        byte[] pixels = new byte[Width * Height];
        foreach (PixelBox box in boxes)
        {
            for (int y = box.Top; y < box.Bottom; y++)
            {
                pixels.AsSpan(y * Width + box.Left, box.Right - box.Left).Fill(1);
            }
        }

        return BinaryMask.FromPixels(Width, Height, pixels);
    }

    public static double Iou(BinaryMask a, BinaryMask b)
    {
        double common = a.IntersectionArea(b);
        return common / (a.Area + b.Area - common);
    }
}

/// <summary>Left and top inclusive, right and bottom exclusive.</summary>
internal readonly record struct PixelBox(int Left, int Top, int Right, int Bottom);
