using System.IO.Compression;
using System.Text.Json;
using NetVips;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>Writes .sog files straight from the format's description, small ones: every Gaussian has a palette entry of its own.</summary>
internal static class SogTestFile
{
    private const int Columns = 64;

    /// <summary>Writes a scene, Gaussian by Gaussian in its own order of file indices.</summary>
    /// <param name="stream">Receives the zip.</param>
    /// <param name="scene">At most 4,096 Gaussians.</param>
    /// <param name="changeMeta">Changes what meta.json says; null for the truth.</param>
    /// <param name="leaveOut">An image that is not packed; null for none.</param>
    /// <param name="folder">Where in the zip the files lie.</param>
    public static void Write(
        Stream stream, GaussianScene scene, Action<Dictionary<string, object>>? changeMeta = null, string? leaveOut = null, string folder = "")
    {
        int count = scene.Count;
        int height = (count + Columns - 1) / Columns + 1;
        int[] order = [.. Enumerable.Range(0, count).OrderBy(i => scene.FileIndices[i])];
        float[] logMeans = [.. scene.Means.Select(x => MathF.CopySign(MathF.Log(1 + MathF.Abs(x)), x))];
        float[] mins = [.. Enumerable.Range(0, 3).Select(axis => Enumerable.Range(0, count).Min(i => logMeans[3 * i + axis]))];
        float[] maxs = [.. Enumerable.Range(0, 3).Select(axis => Enumerable.Range(0, count).Max(i => logMeans[3 * i + axis]))];
        int perGaussian = 3 * (scene.ShDegree + 1) * (scene.ShDegree + 1);
        float[] scaleBook = Codebook(scene.LogScales);
        float[] colorBook = Codebook(scene.ShCoefficients);
        int coefficients = perGaussian / 3 - 1;
        byte[] low = new byte[4 * Columns * height];
        byte[] high = [.. low];
        byte[] scales = [.. low];
        byte[] quats = [.. low];
        byte[] colors = [.. low];
        byte[] labels = [.. low];
        byte[] palette = new byte[4 * Columns * coefficients * height];
        for (int n = 0; n < count; n++)
        {
            int i = order[n];
            for (int axis = 0; axis < 3; axis++)
            {
                float range = MathF.Max(maxs[axis] - mins[axis], 1e-9f);
                int place = (int)MathF.Round(65535 * (logMeans[3 * i + axis] - mins[axis]) / range);
                (low[4 * n + axis], high[4 * n + axis]) = ((byte)place, (byte)(place >> 8));
                scales[4 * n + axis] = Nearest(scaleBook, scene.LogScales[3 * i + axis]);
                colors[4 * n + axis] = Nearest(colorBook, scene.ShCoefficients[perGaussian * i + axis]);
            }

            colors[4 * n + 3] = (byte)MathF.Round(255 / (1 + MathF.Exp(-scene.OpacityLogits[i])));
            Rotation(scene.Rotations.AsSpan(4 * i, 4), quats.AsSpan(4 * n, 4));
            (labels[4 * n], labels[4 * n + 1]) = ((byte)n, (byte)(n >> 8));
            for (int c = 0; c < 3 * coefficients; c++)
            {
                palette[4 * (coefficients * n + c / 3) + c % 3] = Nearest(colorBook, scene.ShCoefficients[perGaussian * i + 3 + c]);
            }
        }

        var meta = new Dictionary<string, object>
        {
            ["version"] = 2,
            ["count"] = count,
            ["means"] = new { mins, maxs, files = new[] { "means_l.webp", "means_u.webp" } },
            ["scales"] = new { codebook = scaleBook, files = new[] { "scales.webp" } },
            ["quats"] = new { files = new[] { "quats.webp" } },
            ["sh0"] = new { codebook = colorBook, files = new[] { "sh0.webp" } },
        };
        var images = new Dictionary<string, (byte[] Bytes, int Width)>
        {
            ["means_l.webp"] = (low, Columns),
            ["means_u.webp"] = (high, Columns),
            ["scales.webp"] = (scales, Columns),
            ["quats.webp"] = (quats, Columns),
            ["sh0.webp"] = (colors, Columns),
        };
        if (scene.ShDegree > 0)
        {
            meta["shN"] = new { count, bands = scene.ShDegree, codebook = colorBook, files = new[] { "shN_centroids.webp", "shN_labels.webp" } };
            images["shN_centroids.webp"] = (palette, Columns * coefficients);
            images["shN_labels.webp"] = (labels, Columns);
        }

        changeMeta?.Invoke(meta);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, (byte[] bytes, int width)) in images.Where(image => image.Key != leaveOut))
        {
            using Stream entry = zip.CreateEntry(folder + name, CompressionLevel.NoCompression).Open();
            entry.Write(WebP(bytes, width, height));
        }

        using Stream text = zip.CreateEntry(folder + "meta.json").Open();
        text.Write(JsonSerializer.SerializeToUtf8Bytes(meta));
    }

    private static byte[] WebP(byte[] samples, int width, int height)
    {
        using Image image = Image.NewFromMemory(samples, width, height, 4, Enums.BandFormat.Uchar);
        using Image color = image.Copy(interpretation: Enums.Interpretation.Srgb);
        return color.WebpsaveBuffer(lossless: true, exact: true);
    }

    private static float[] Codebook(float[] values) =>
        [.. Enumerable.Range(0, 256).Select(k => values.Min() + (values.Max() - values.Min()) * k / 255)];

    private static byte Nearest(float[] codebook, float value) =>
        (byte)Math.Round(255 * (value - codebook[0]) / Math.Max(codebook[255] - codebook[0], 1e-9));

    private static void Rotation(ReadOnlySpan<float> rotation, Span<byte> stored)
    {
        int greatest = 0;
        for (int c = 1; c < 4; c++)
        {
            greatest = MathF.Abs(rotation[c]) > MathF.Abs(rotation[greatest]) ? c : greatest;
        }

        int next = 0;
        for (int c = 0; c < 4; c++)
        {
            if (c != greatest)
            {
                float value = rotation[c] * MathF.Sign(rotation[greatest]);
                stored[next++] = (byte)MathF.Round(255 * (value / MathF.Sqrt(2) + 0.5f));
            }
        }

        stored[3] = (byte)(252 + greatest);
    }
}
