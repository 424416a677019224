using System.Text.Json;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Rasterization;
using Saga.Tests;

namespace Saga.Engine.Tests.Masks.Generation.Sam;

/// <summary>Golden numbers of <c>Fixtures/make_sam_fixtures.py</c>, and the pictures and maps they are about, computed as there.</summary>
internal static class SamFixtures
{
    private static readonly Lazy<JsonElement> Root = new(() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
        SharedData.RepositoryRoot, "tests", "Saga.Engine.Tests", "Masks", "Generation", "Sam", "Fixtures", "sam.json"))).RootElement);

    public static JsonElement Of(string step) => Root.Value.GetProperty(step);

    public static int[] Ints(this JsonElement values) => [.. values.EnumerateArray().Select(v => v.GetInt32())];

    public static int[] Ints(this JsonElement values, string name) => values.GetProperty(name).Ints();

    public static int Int(this JsonElement values, string name) => values.GetProperty(name).GetInt32();

    public static RgbImage Picture(int width, int height)
    {
        byte[] pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / 3 % width, y = i / 3 / width, c = i % 3;
            pixels[i] = (byte)((x * 37 + y * 91 + c * 53 + x * y % 29 * 7) % 256);
        }

        return new RgbImage(width, height, pixels);
    }

    public static float[] Logits(int seed)
    {
        float[] logits = new float[256 * 256];
        for (int i = 0; i < logits.Length; i++)
        {
            int x = i % 256, y = i / 256;
            logits[i] = (float)(4 * Math.Sin(x / (7.0 + seed)) * Math.Cos(y / (11.0 + seed))
                + (x * 37 + y * 91 + x * y % 113) % 64 / 32.0 - 0.71);
        }

        return logits;
    }

    public static byte[] Blobs(int width, int height, int seed)
    {
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i % width, y = i / width;
            pixels[i] = (byte)((x * x + 3 * y * y + x * y * seed) / (17 + seed) % 5 < 2 ? 1 : 0);
        }

        return pixels;
    }

    /// <summary>A disc with a spot, a block with a stripe, a wedge; specks and a hole to clean.</summary>
    public static RgbImage Shapes()
    {
        var image = new RgbImage(240, 180, new byte[3 * 240 * 180]);
        for (int y = 0; y < 180; y++)
        {
            for (int x = 0; x < 240; x++)
            {
                (int R, int G, int B) color = (96, 128, 160);
                color = Square(x - 60) + Square(y - 60) < Square(40) ? (200, 40, 40) : color;
                color = Square(x - 70) + Square(y - 55) < Square(14) ? (214, 70, 58) : color;
                color = x > 140 && x < 220 && y > 20 && y < 90 ? (40, 170, 60) : color;
                color = x > 140 && x < 220 && y > 40 && y < 56 ? (52, 190, 84) : color;
                color = y > 110 && y < 170 && x > 40 + (170 - y) && x < 200 - (170 - y) / 2 ? (230, 220, 60) : color;
                color = x > 100 && x < 104 && y > 140 && y < 144 ? (20, 20, 20) : color;
                color = x > 226 && x < 231 && y > 160 && y < 165 ? (230, 220, 60) : color;
                Span<byte> pixel = image.Pixels.AsSpan(3 * (y * 240 + x), 3);
                (pixel[0], pixel[1], pixel[2]) = ((byte)color.R, (byte)color.G, (byte)color.B);
            }
        }

        return image;
    }

    /// <summary>A view of a picture; SAM looks at nothing else.</summary>
    public static ViewPicture View(RgbImage photo) => new(
        photo, new RenderedImage { Width = photo.Width, Height = photo.Height },
        new PinholeCamera(
            photo.Width, photo.Height, photo.Width, photo.Width, photo.Width / 2.0, photo.Height / 2.0,
            CameraPose.FromRowMajor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])));

    private static int Square(int value) => value * value;
}
