using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Scenes.Ply;

namespace Saga.Benchmarks.Furniture;

/// <summary>Writes a labelled scene in the layout of samples/playroom.</summary>
internal static class FurnitureFolder
{
    /// <summary>Writes the Gaussians, cameras, photos, labels, truth maps and masks.</summary>
    /// <returns>Masks written, of all views.</returns>
    public static int Write(
        string folder, LabeledSurface surface, LabeledGaussians gaussians, IReadOnlyList<SceneView> views,
        IReadOnlyList<SurfaceView> seen, long seed, CancellationToken cancellationToken)
    {
        foreach (string part in (string[])["images", "masks", "truth"])
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }

        using (FileStream ply = File.Create(Path.Combine(folder, "gaussians.ply")))
        {
            GaussianPlyWriter.Write(ply, gaussians.Scene);
        }

        using (FileStream cameras = File.Create(Path.Combine(folder, "cameras.json")))
        {
            InriaCameras.Write(cameras, views);
        }

        WriteNames(Path.Combine(folder, "labels.json"), surface);
        File.WriteAllBytes(Path.Combine(folder, "labels.npy"), LabelArrayBytes(gaussians));
        int masks = 0;
        for (int i = 0; i < views.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (string name, PinholeCamera camera, _, _) = views[i];
            File.WriteAllBytes(Path.Combine(folder, "images", name + ".jpg"), ImageFile.EncodeJpeg(seen[i].Photo));
            File.WriteAllBytes(
                Path.Combine(folder, "truth", name + ".part.png"),
                ImageFile.EncodePngGray16(camera.Width, camera.Height, seen[i].Parts));
            List<GeneratedMask> generated = NoisyMasks.Generate(seen[i].Parts, surface.Parts, camera.Width, camera.Height, seed, i);
            WriteMasks(Path.Combine(folder, "masks", name + ".json"), generated);
            masks += generated.Count;
        }

        return masks;
    }

    private static void WriteNames(string path, LabeledSurface surface)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WritePropertyName("objects");
        JsonSerializer.Serialize(json, surface.Objects);
        json.WritePropertyName("parts");
        json.WriteStartArray();
        foreach ((string name, int owner) in surface.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("object", owner);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>uint16 [count, 2] as a .npy file of version 1.0: 10 bytes, then a header that ends at a multiple of 64.</summary>
    private static byte[] LabelArrayBytes(LabeledGaussians gaussians)
    {
        const int alignment = 64;
        const int preamble = 10;
        int count = gaussians.Objects.Length;
        string header = FormattableString.Invariant($"{{'descr': '<u2', 'fortran_order': False, 'shape': ({count}, 2), }}");
        int length = (preamble + header.Length + 1 + alignment - 1) / alignment * alignment;
        var bytes = new byte[length + 4 * count];
        ((ReadOnlySpan<byte>)[0x93, .. "NUMPY"u8, 1, 0]).CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)(length - preamble));
        Encoding.ASCII.GetBytes(header.PadRight(length - preamble - 1) + "\n").CopyTo(bytes, preamble);
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(length + 4 * i), gaussians.Objects[i]);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(length + 4 * i + 2), gaussians.Parts[i]);
        }

        return bytes;
    }

    private static void WriteMasks(string path, List<GeneratedMask> masks)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartArray();
        foreach (GeneratedMask generated in masks)
        {
            BinaryMask mask = generated.Mask;
            json.WriteStartObject();
            json.WriteStartObject("segmentation");
            WriteNumbers(json, "size", mask.Height, mask.Width);
            json.WriteString("counts", CocoRle.Encode(mask));
            json.WriteEndObject();
            json.WriteNumber("area", mask.Area);
            (int left, int top, int right, int bottom) = mask.GetBounds();

            // As SAM writes boxes: the distance from the first to the last column and row.
            WriteNumbers(json, "bbox", left, top, right - 1 - left, bottom - 1 - top);
            json.WriteNumber("predicted_iou", Math.Round(generated.PredictedIou, 4));
            json.WriteNumber("stability_score", Math.Round(generated.Stability, 4));
            json.WriteStartArray("point_coords");
            json.WriteStartArray();
            json.WriteNumberValue(generated.Seed.X);
            json.WriteNumberValue(generated.Seed.Y);
            json.WriteEndArray();
            json.WriteEndArray();
            WriteNumbers(json, "crop_box", 0, 0, mask.Width, mask.Height);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params ReadOnlySpan<int> values)
    {
        json.WriteStartArray(name);
        foreach (int value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
