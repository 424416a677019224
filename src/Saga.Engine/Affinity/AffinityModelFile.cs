using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Saga.Engine.Scenes;

namespace Saga.Engine.Affinity;

/// <summary>The file of a trained model.</summary>
/// <remarks>
/// <code>
/// "SAGAMODL"                      8 bytes
/// format version                  uint32
/// header length                   uint32
/// header                          JSON, UTF-8: dimension, count, gate, quantile knots, how it was trained
/// presence                        ⌈file Gaussians / 8⌉ bytes: bit i%8 of byte i/8 set when record i has a feature
/// features                        float32 [count, dimension], ascending records of the Gaussian file
/// SHA-256                         32 bytes over everything before
/// </code>
/// All numbers are little-endian. Features follow the records of the uploaded file, not the engine's order, so that a later
/// version may order Gaussians differently and still read old models.
/// </remarks>
public static partial class AffinityModelFile
{
    /// <summary>Version of the format that is written and read.</summary>
    public const int FormatVersion = 1;

    /// <summary>Largest magnitude of a feature value. Trained features are at most 1; squares of this are far from overflow.</summary>
    public const float MaxFeatureMagnitude = 1e6f;

    private const int PrefixBytes = 16;

    // Rows are moved through a buffer of about this many bytes: it stays in the cache between hashing and copying.
    private const int ChunkBytes = 1 << 18;

    private static ReadOnlySpan<byte> Magic => "SAGAMODL"u8;

    /// <summary>Writes a model.</summary>
    /// <param name="stream">Receives the file; not closed.</param>
    /// <param name="model">The model, in the order of <paramref name="scene"/>.</param>
    /// <param name="scene">The scene it was trained on.</param>
    /// <param name="cancellationToken">Stops the work; what was written is then not a model.</param>
    /// <exception cref="ArgumentException">The model does not fit the scene.</exception>
    /// <exception cref="InvalidModelException">The model holds numbers that could not be read back, such as NaN.</exception>
    public static void Write(Stream stream, AffinityModel model, GaussianScene scene, CancellationToken cancellationToken)
    {
        if (model.Count != scene.Count || model.Info.FileGaussianCount != scene.FileGaussianCount)
        {
            throw new ArgumentException(
                $"The model has {model.Count} features for a file of {model.Info.FileGaussianCount} Gaussians; "
                + $"the scene has {scene.Count} of {scene.FileGaussianCount}.", nameof(model));
        }

        byte[] header = AffinityModelHeader.Of(model).ToBytes();
        AffinityModelHeader.Parse(header, "The model to write");
        if (header.Length > AffinityModelHeader.MaxBytes)
        {
            throw new ArgumentException(
                $"The model's description takes {header.Length} bytes; at most {AffinityModelHeader.MaxBytes} fit. "
                + "Shorten the options.",
                nameof(model));
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] prefix = new byte[PrefixBytes];
        Magic.CopyTo(prefix);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix.AsSpan(12), (uint)header.Length);
        Append(stream, hash, prefix);
        Append(stream, hash, header);

        byte[] presence = new byte[(scene.FileGaussianCount + 7) / 8];
        foreach (int record in scene.FileIndices)
        {
            presence[record >> 3] |= (byte)(1 << (record & 7));
        }

        Append(stream, hash, presence);
        WriteFeatures(stream, hash, model, scene, cancellationToken);
        stream.Write(hash.GetHashAndReset());
    }

    private static void WriteFeatures(
        Stream stream, IncrementalHash hash, AffinityModel model, GaussianScene scene, CancellationToken cancellationToken)
    {
        int dimension = model.Dimension;
        int[] engineByRecord = EngineByRecord(scene);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int rowBytes = dimension * sizeof(float);
            int rowsPerChunk = ChunkBytes / rowBytes;
            int rows = 0;
            for (int record = 0; record < engineByRecord.Length; record++)
            {
                if (engineByRecord[record] < 0)
                {
                    continue;
                }

                ReadOnlySpan<float> feature = model.Features.AsSpan(engineByRecord[record] * dimension, dimension);
                CheckFeatures(feature, "The model to write");
                ToLittleEndian(feature, chunk.AsSpan(rows * rowBytes, rowBytes));
                if (++rows == rowsPerChunk)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Append(stream, hash, chunk.AsSpan(0, rows * rowBytes));
                    rows = 0;
                }
            }

            Append(stream, hash, chunk.AsSpan(0, rows * rowBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static void Append(Stream stream, IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
    }

    // Engine index of each record of the file, -1 where the record is not usable.
    private static int[] EngineByRecord(GaussianScene scene)
    {
        int[] engineByRecord = new int[scene.FileGaussianCount];
        Array.Fill(engineByRecord, -1);
        for (int i = 0; i < scene.Count; i++)
        {
            engineByRecord[scene.FileIndices[i]] = i;
        }

        return engineByRecord;
    }

    private static void CheckFeatures(ReadOnlySpan<float> features, string name)
    {
        foreach (float value in features)
        {
            // Comparisons with NaN are false, so NaN is refused too.
            if (!(MathF.Abs(value) <= MaxFeatureMagnitude))
            {
                throw new InvalidModelException(FormattableString.Invariant(
                    $"{name}: a feature holds {value}; features are finite and at most {MaxFeatureMagnitude}. ")
                    + "Train the scene again.");
            }
        }
    }

    private static void ToLittleEndian(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        SwapOnBigEndian(bytes);
    }

    private static void SwapOnBigEndian(Span<byte> bytes)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<byte, int>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
