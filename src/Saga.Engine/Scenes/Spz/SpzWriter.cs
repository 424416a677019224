using System.Buffers.Binary;
using System.IO.Compression;
using ZstdSharp;

namespace Saga.Engine.Scenes.Spz;

/// <summary>Writes .spz files of versions 2, 3 and 4, with their axes right, up and back as the format has them.</summary>
internal static class SpzWriter
{
    public const int OldestVersion = 2;
    public const int NewestVersion = 4;

    /// <summary>What every writer uses: a quarter of a thousandth of a unit, and ±2048 units.</summary>
    private const int UsualFractionalBits = 12;

    private const int MaxFixed = (1 << 23) - 1;

    // Of the Zstandard levels the last that is not slow.
    private const int ZstandardLevel = 9;

    /// <summary>Writes Gaussians of a scene.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <param name="chosen">Engine indices in the order to write.</param>
    /// <param name="version">2, 3 or 4.</param>
    /// <param name="cancellationToken">Stops the work; what was written is then no file.</param>
    /// <exception cref="InvalidSceneException">Coordinates too far from the origin for the format.</exception>
    public static void Write(Stream stream, GaussianScene scene, int[] chosen, int version, CancellationToken cancellationToken)
    {
        int fractionalBits = FractionalBitsFor(scene, chosen);
        var header = new SpzHeader((uint)version, (uint)chosen.Length, scene.ShDegree, fractionalBits, false, 0, 0);
        byte[][] attributes = Pack(scene, chosen, header, cancellationToken);
        byte[] start = new byte[version == NewestVersion ? SpzHeader.Bytes : SpzHeader.LegacyBytes];
        SpzHeader.Magic.CopyTo(start);
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(4), header.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(8), header.Count);
        start[12] = (byte)header.ShDegree;
        start[13] = (byte)header.FractionalBits;
        if (version < NewestVersion)
        {
            using var zipped = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
            zipped.Write(start);
            foreach (byte[] attribute in attributes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                zipped.Write(attribute);
            }

            return;
        }

        WriteStreams(stream, start, [.. attributes.Where(attribute => attribute.Length > 0)], cancellationToken);
    }

    private static void WriteStreams(Stream stream, byte[] start, byte[][] attributes, CancellationToken cancellationToken)
    {
        start[15] = (byte)attributes.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(16), SpzHeader.Bytes);
        using var compressor = new Compressor(ZstandardLevel);
        var packed = new List<byte[]>();
        byte[] table = new byte[16 * attributes.Length];
        for (int i = 0; i < attributes.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            packed.Add(compressor.Wrap(attributes[i]).ToArray());
            BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(16 * i), packed[i].Length);
            BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(16 * i + 8), attributes[i].Length);
        }

        stream.Write(start);
        stream.Write(table);
        packed.ForEach(bytes => stream.Write(bytes));
    }

    private static byte[][] Pack(GaussianScene scene, int[] chosen, SpzHeader header, CancellationToken cancellationToken)
    {
        int count = chosen.Length;
        byte[] means = new byte[9 * (long)count];
        byte[] opacities = new byte[count];
        byte[] colors = new byte[3 * (long)count];
        byte[] scales = new byte[3 * (long)count];
        byte[] rotations = new byte[(long)header.RotationBytes * count];
        byte[] harmonics = new byte[(long)header.HarmonicsBytes * count];
        float one = 1 << header.FractionalBits;
        int colorCount = GaussianValues.ColorCount(scene.ShDegree);
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, n =>
        {
            Span<float> values = stackalloc float[GaussianValues.Color + colorCount];
            scene.CopyValues(chosen[n], values);
            SpzExtensions.Default.Apply(values);
            for (int axis = 0; axis < 3; axis++)
            {
                int place = (int)MathF.Round(values[GaussianValues.Mean + axis] * one);
                Span<byte> fixed24 = means.AsSpan(9 * n + 3 * axis, 3);
                (fixed24[0], fixed24[1], fixed24[2]) = ((byte)place, (byte)(place >> 8), (byte)(place >> 16));
                scales[3 * n + axis] = SpzColors.ToByte(16f * (values[GaussianValues.Scale + axis] + 10f));
                colors[3 * n + axis] = SpzColors.OfDc(values[GaussianValues.Color + axis]);
            }

            opacities[n] = SpzColors.ToByte(255f * GaussianValues.Sigmoid(values[GaussianValues.Opacity]));
            SpzQuaternion.Pack(values.Slice(GaussianValues.Rotation, 4), rotations.AsSpan(header.RotationBytes * n, header.RotationBytes));
            for (int c = 0; c < header.HarmonicsBytes; c++)
            {
                harmonics[header.HarmonicsBytes * n + c] = SpzColors.OfHarmonic(values[GaussianValues.Color + 3 + c], c);
            }
        });
        return [means, opacities, colors, scales, rotations, harmonics];
    }

    /// <summary>The usual number of binary places, or as many as the farthest coordinate leaves.</summary>
    private static int FractionalBitsFor(GaussianScene scene, int[] chosen)
    {
        float farthest = 0;
        foreach (int i in chosen)
        {
            for (int axis = 0; axis < 3; axis++)
            {
                farthest = MathF.Max(farthest, MathF.Abs(scene.Means[3 * i + axis]));
            }
        }

        int bits = UsualFractionalBits;
        while (bits > 0 && farthest * (1 << bits) > MaxFixed)
        {
            bits--;
        }

        return farthest * (1 << bits) <= MaxFixed ? bits : throw new InvalidSceneException(FormattableString.Invariant(
            $"A Gaussian lies {farthest} units from the origin along an axis; .spz holds at most {MaxFixed}. Export the scene as .ply."));
    }
}
