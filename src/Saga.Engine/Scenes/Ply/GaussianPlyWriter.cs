using System.Buffers.Binary;
using System.Text;

namespace Saga.Engine.Scenes.Ply;

/// <summary>Writes a scene in the layout of the original 3DGS training: little-endian floats, zero normals.</summary>
public static class GaussianPlyWriter
{
    private const int RecordsPerBlock = 4096;

    /// <summary>Writes the usable Gaussians in the order of their file indices.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <exception cref="ArgumentException">The scene was read without colours.</exception>
    public static void Write(Stream stream, GaussianScene scene)
    {
        if (!scene.HasColors)
        {
            throw new ArgumentException("The scene was read without colours and cannot be written whole.", nameof(scene));
        }

        string[] names = PropertyNames(scene.ShDegree);
        var header = new StringBuilder($"ply\nformat binary_little_endian 1.0\nelement vertex {scene.Count}\n");
        foreach (string name in names)
        {
            header.Append("property float ").Append(name).Append('\n');
        }

        stream.Write(Encoding.ASCII.GetBytes(header.Append("end_header\n").ToString()));

        int[] order = FileOrder(scene);
        var block = new byte[RecordsPerBlock * names.Length * sizeof(float)];
        var record = new float[names.Length];
        for (int first = 0; first < order.Length; first += RecordsPerBlock)
        {
            int count = Math.Min(RecordsPerBlock, order.Length - first);
            for (int i = 0; i < count; i++)
            {
                Fill(record, scene, order[first + i]);
                for (int v = 0; v < record.Length; v++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(block.AsSpan((i * record.Length + v) * sizeof(float)), record[v]);
                }
            }

            stream.Write(block, 0, count * record.Length * sizeof(float));
        }
    }

    /// <summary>The properties in their order: x y z, nx ny nz, f_dc, f_rest, opacity, scale, rot.</summary>
    private static string[] PropertyNames(int shDegree)
    {
        int rest = GaussianRecordLayout.ColorNames(shDegree).Count() - 3;
        return
        [
            "x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2",
            .. Enumerable.Range(0, rest).Select(i => $"f_rest_{i}"),
            "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
        ];
    }

    private static int[] FileOrder(GaussianScene scene)
    {
        int[] fileIndices = [.. scene.FileIndices];
        int[] order = [.. Enumerable.Range(0, scene.Count)];
        Array.Sort(fileIndices, order);
        return order;
    }

    private static void Fill(Span<float> record, GaussianScene scene, int i)
    {
        const int colors = 6;
        int coefficients = (scene.ShDegree + 1) * (scene.ShDegree + 1);
        int restPerChannel = coefficients - 1;
        scene.Means.AsSpan(3 * i, 3).CopyTo(record);
        ReadOnlySpan<float> sh = scene.ShCoefficients.AsSpan(3 * coefficients * i, 3 * coefficients);
        for (int channel = 0; channel < 3; channel++)
        {
            record[colors + channel] = sh[channel];
            for (int k = 0; k < restPerChannel; k++)
            {
                // The file keeps one channel after the other.
                record[colors + 3 + channel * restPerChannel + k] = sh[3 * (k + 1) + channel];
            }
        }

        Span<float> tail = record[(colors + 3 * coefficients)..];
        tail[0] = scene.OpacityLogits[i];
        scene.LogScales.AsSpan(3 * i, 3).CopyTo(tail[1..]);
        scene.Rotations.AsSpan(4 * i, 4).CopyTo(tail[4..]);
    }
}
