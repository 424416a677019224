using System.Text.Json;
using Saga.Engine.Masks;

namespace Saga.Tests.Masks.Generation;

/// <summary>Things outlined by hand in two photos of the real capture: a polygon a thing and view, good to about two pixels.</summary>
internal static class PlushOutlines
{
    private const int Width = 494;
    private const int Height = 371;

    /// <summary>Mask of each thing in each view that has outlines.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, BinaryMask>> Read()
    {
        string path = Path.Combine(
            SharedData.RepositoryRoot, "tests", "Saga.Engine.Tests", "Masks", "Generation", "PlushOutlines.json");
        var outlines = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, double[][]>>>(File.ReadAllBytes(path))!;
        return outlines.ToDictionary(
            view => view.Key,
            view => (IReadOnlyDictionary<string, BinaryMask>)view.Value.ToDictionary(thing => thing.Key, thing => Fill(thing.Value)));
    }

    // A pixel is inside where a ray from its centre to the right crosses the outline an odd number of times.
    private static BinaryMask Fill(double[][] polygon)
    {
        byte[] pixels = new byte[Width * Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            (double x, double y) = (i % Width + 0.5, i / Width + 0.5);
            for (int a = 0, b = polygon.Length - 1; a < polygon.Length; b = a++)
            {
                (double[] from, double[] to) = (polygon[a], polygon[b]);
                if (from[1] > y != to[1] > y && x < from[0] + (to[0] - from[0]) * (y - from[1]) / (to[1] - from[1]))
                {
                    pixels[i] ^= 1;
                }
            }
        }

        return BinaryMask.FromPixels(Width, Height, pixels);
    }
}
