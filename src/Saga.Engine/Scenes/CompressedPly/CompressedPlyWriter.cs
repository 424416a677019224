using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Saga.Engine.Scenes.CompressedPly;

/// <summary>Writes PlayCanvas' compressed PLY.</summary>
/// <remarks>
/// Neighbours in the file share their bounds, so Gaussians are written in the order that the caller gives: along a curve through space
/// they lose least.
/// </remarks>
internal static class CompressedPlyWriter
{
    /// <summary>Where log-scales are cut off below, as other writers do: one flat Gaussian would coarsen its whole chunk.</summary>
    private const float MinLogScale = -20f;

    // What is gathered of a Gaussian: mean, log-scales, colour, rotation, opacity.
    private const int RowFloats = 14;

    /// <summary>Writes Gaussians of a scene.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <param name="chosen">Engine indices in the order to write.</param>
    /// <param name="cancellationToken">Stops within a chunk.</param>
    public static void Write(Stream stream, GaussianScene scene, int[] chosen, CancellationToken cancellationToken)
    {
        int rest = GaussianValues.ColorCount(scene.ShDegree) - 3;
        stream.Write(Encoding.ASCII.GetBytes(Header(chosen.Length, rest)));
        float[] values = new float[CompressedPlyLayout.ChunkSize * RowFloats];
        int chunks = (chosen.Length + CompressedPlyLayout.ChunkSize - 1) / CompressedPlyLayout.ChunkSize;

        // Chunks stand before all else in the file, so fields wait in memory: 16 bytes a Gaussian.
        byte[] fields = new byte[(long)CompressedPlyLayout.VertexBytes * chosen.Length];
        byte[] bounds = new byte[sizeof(float) * CompressedPlyLayout.ColoredFloats];
        for (int c = 0; c < chunks; c++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int first = c * CompressedPlyLayout.ChunkSize;
            ReadOnlySpan<int> members = chosen.AsSpan(first, Math.Min(CompressedPlyLayout.ChunkSize, chosen.Length - first));
            Gather(scene, members, values);
            float[] chunk = BoundsOf(values, members.Length);
            Pack(values, members.Length, chunk, fields.AsSpan(CompressedPlyLayout.VertexBytes * first));
            for (int i = 0; i < chunk.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bounds.AsSpan(sizeof(float) * i), chunk[i]);
            }

            stream.Write(bounds);
        }

        stream.Write(fields);
        if (rest > 0)
        {
            WriteHarmonics(stream, scene, chosen, rest, cancellationToken);
        }
    }

    private static string Header(int count, int rest)
    {
        int chunks = (count + CompressedPlyLayout.ChunkSize - 1) / CompressedPlyLayout.ChunkSize;
        var header = new StringBuilder($"ply\nformat binary_little_endian 1.0\nelement chunk {chunks}\n");
        AppendProperties("float", CompressedPlyLayout.ChunkNames);
        header.Append(CultureInfo.InvariantCulture, $"element vertex {count}\n");
        AppendProperties("uint", CompressedPlyLayout.VertexNames);
        if (rest > 0)
        {
            header.Append(CultureInfo.InvariantCulture, $"element sh {count}\n");
            AppendProperties("uchar", Enumerable.Range(0, rest).Select(i => $"f_rest_{i}"));
        }

        return header.Append("end_header\n").ToString();

        void AppendProperties(string type, IEnumerable<string> names)
        {
            foreach (string name in names)
            {
                header.Append("property ").Append(type).Append(' ').Append(name).Append('\n');
            }
        }
    }

    /// <summary>Per Gaussian its mean, its log-scales within limits, its colour as 0.5 + Y₀₀·f_dc, its rotation and its opacity.</summary>
    private static void Gather(GaussianScene scene, ReadOnlySpan<int> members, Span<float> values)
    {
        int colors = GaussianValues.ColorCount(scene.ShDegree);
        for (int n = 0; n < members.Length; n++)
        {
            int i = members[n];
            Span<float> row = Row(values, n);
            for (int axis = 0; axis < 3; axis++)
            {
                row[axis] = scene.Means[3 * i + axis];
                row[3 + axis] = MathF.Max(scene.LogScales[3 * i + axis], MinLogScale);
                row[6 + axis] = 0.5f + GaussianValues.Sh0 * scene.ShCoefficients[colors * i + axis];
            }

            scene.Rotations.AsSpan(4 * i, 4).CopyTo(row[9..]);
            row[13] = GaussianValues.Sigmoid(scene.OpacityLogits[i]);
        }
    }

    private static float[] BoundsOf(ReadOnlySpan<float> values, int count)
    {
        // min xyz, max xyz; min scales, max scales; min rgb, max rgb.
        float[] chunk = new float[CompressedPlyLayout.ColoredFloats];
        for (int v = 0; v < 9; v++)
        {
            int low = v / 3 * 6 + v % 3;
            (chunk[low], chunk[low + 3]) = (float.PositiveInfinity, float.NegativeInfinity);
            for (int n = 0; n < count; n++)
            {
                float value = values[RowFloats * n + v];
                chunk[low] = MathF.Min(chunk[low], value);
                chunk[low + 3] = MathF.Max(chunk[low + 3], value);
            }
        }

        return chunk;
    }

    private static void Pack(ReadOnlySpan<float> values, int count, ReadOnlySpan<float> chunk, Span<byte> fields)
    {
        for (int n = 0; n < count; n++)
        {
            ReadOnlySpan<float> row = values.Slice(RowFloats * n, RowFloats);
            Span<byte> record = fields.Slice(CompressedPlyLayout.VertexBytes * n, CompressedPlyLayout.VertexBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(record, PackedFields.Pack3(chunk, chunk[3..], row));
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], PackedFields.PackRotation(row[9..]));
            BinaryPrimitives.WriteUInt32LittleEndian(record[8..], PackedFields.Pack3(chunk[6..], chunk[9..], row[3..]));
            uint color = 0;
            for (int channel = 0; channel < 3; channel++)
            {
                float low = chunk[12 + channel];
                float range = chunk[15 + channel] - low;
                color = color << 8 | PackedFields.Pack8(range > 0 ? (row[6 + channel] - low) / range : 0f);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(record[12..], color << 8 | PackedFields.Pack8(row[13]));
        }
    }

    private static Span<float> Row(Span<float> values, int n) => values.Slice(RowFloats * n, RowFloats);

    private static void WriteHarmonics(Stream stream, GaussianScene scene, int[] chosen, int rest, CancellationToken cancellationToken)
    {
        byte[] block = new byte[rest * CompressedPlyLayout.ChunkSize];
        int perChannel = rest / 3;
        for (int first = 0; first < chosen.Length; first += CompressedPlyLayout.ChunkSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(CompressedPlyLayout.ChunkSize, chosen.Length - first);
            for (int n = 0; n < count; n++)
            {
                ReadOnlySpan<float> coefficients = scene.ShCoefficients.AsSpan((rest + 3) * chosen[first + n] + 3, rest);
                for (int c = 0; c < rest; c++)
                {
                    // The file keeps one channel after the other.
                    block[rest * n + c % 3 * perChannel + c / 3] = CompressedPlySource.OfHarmonic(coefficients[c]);
                }
            }

            stream.Write(block, 0, rest * count);
        }
    }
}
