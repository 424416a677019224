using System.Buffers;
using System.Buffers.Binary;
using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Scenes.CompressedPly;

/// <summary>The Gaussians of a compressed PLY, chunk by chunk.</summary>
internal sealed class CompressedPlySource : GaussianSource
{
    // Bytes of the whole range of a coefficient; the middle of 256 steps stands for each, the ends for themselves.
    private const float HarmonicRange = 8f;

    private readonly BlockFile _file;
    private readonly CompressedPlyLayout _layout;

    private CompressedPlySource(BlockFile file, CompressedPlyLayout layout)
        : base(layout.Count, layout.ShDegree)
    {
        _file = file;
        _layout = layout;
    }

    protected override int RecordsPerBlock => 64 * CompressedPlyLayout.ChunkSize;

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidSceneException">Not this layout, or truncated.</exception>
    public static CompressedPlySource Open(string path, PlyHeader header, string fileName)
    {
        var file = new BlockFile(path, fileName);
        try
        {
            return new CompressedPlySource(file, CompressedPlyLayout.Find(header, file.Length, fileName));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A stored coefficient.</summary>
    internal static float Harmonic(byte stored) => HarmonicRange * (stored switch
    {
        0 => -0.5f,
        255 => 0.5f,
        _ => (stored + 0.5f) / 256f - 0.5f,
    });

    /// <summary>Stores a coefficient; beyond ±4 it is cut off.</summary>
    internal static byte OfHarmonic(float value) => (byte)Math.Clamp(MathF.Floor((value / HarmonicRange + 0.5f) * 256f), 0f, 255f);

    protected override void ReadBlock(int first, int count, GaussianRecordAction action, bool shapesOnly)
    {
        // Blocks begin with a chunk.
        int firstChunk = first / CompressedPlyLayout.ChunkSize;
        int chunks = (count + CompressedPlyLayout.ChunkSize - 1) / CompressedPlyLayout.ChunkSize;
        int chunkBytes = sizeof(float) * _layout.ChunkFloats;
        int rest = shapesOnly ? 0 : _layout.RestCount;
        byte[] bounds = Rent(chunks * chunkBytes, _layout.ChunkOffset + (long)firstChunk * chunkBytes);
        byte[] fields = Rent(count * CompressedPlyLayout.VertexBytes, _layout.VertexOffset + (long)first * CompressedPlyLayout.VertexBytes);
        byte[] harmonics = Rent(count * rest, _layout.HarmonicsOffset + (long)first * rest);
        try
        {
            Span<float> chunk = stackalloc float[CompressedPlyLayout.ColoredFloats];
            chunk[12..15].Clear();
            chunk[15..].Fill(1f);
            Span<float> values = stackalloc float[shapesOnly ? GaussianValues.Color + 3 : ValueCount];
            for (int i = 0; i < count; i++)
            {
                if (i % CompressedPlyLayout.ChunkSize == 0)
                {
                    ReadFloats(bounds.AsSpan(i / CompressedPlyLayout.ChunkSize * chunkBytes, chunkBytes), chunk);
                }

                Unpack(fields.AsSpan(i * CompressedPlyLayout.VertexBytes, CompressedPlyLayout.VertexBytes), chunk, values);
                UnpackHarmonics(harmonics.AsSpan(i * rest, rest), values[(GaussianValues.Color + 3)..]);
                action(first + i, values);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bounds);
            ArrayPool<byte>.Shared.Return(fields);
            ArrayPool<byte>.Shared.Return(harmonics);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }

    private static void Unpack(ReadOnlySpan<byte> fields, ReadOnlySpan<float> chunk, Span<float> values)
    {
        PackedFields.Unpack3(
            BinaryPrimitives.ReadUInt32LittleEndian(fields), chunk, chunk[3..], values.Slice(GaussianValues.Mean, 3));
        PackedFields.UnpackRotation(
            BinaryPrimitives.ReadUInt32LittleEndian(fields[4..]), values.Slice(GaussianValues.Rotation, 4));
        PackedFields.Unpack3(
            BinaryPrimitives.ReadUInt32LittleEndian(fields[8..]), chunk[6..], chunk[9..], values.Slice(GaussianValues.Scale, 3));
        Span<float> rgba = stackalloc float[4];
        PackedFields.Unpack4(BinaryPrimitives.ReadUInt32LittleEndian(fields[12..]), rgba);
        values[GaussianValues.Opacity] = GaussianValues.Logit(rgba[3]);
        for (int channel = 0; channel < 3; channel++)
        {
            float low = chunk[12 + channel];
            float color = low + (chunk[15 + channel] - low) * rgba[channel];
            values[GaussianValues.Color + channel] = (color - 0.5f) / GaussianValues.Sh0;
        }
    }

    // The file keeps one channel after the other.
    private static void UnpackHarmonics(ReadOnlySpan<byte> stored, Span<float> rest)
    {
        int perChannel = stored.Length / 3;
        for (int k = 0; k < perChannel; k++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                rest[3 * k + channel] = Harmonic(stored[channel * perChannel + k]);
            }
        }
    }

    private static void ReadFloats(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (int i = 0; 4 * i < bytes.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        }
    }

    private byte[] Rent(int bytes, long offset)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(bytes);
        _file.Read(block.AsSpan(0, bytes), offset);
        return block;
    }
}
