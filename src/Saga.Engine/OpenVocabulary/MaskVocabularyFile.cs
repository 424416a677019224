using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Saga.Engine.OpenVocabulary;

/// <summary>The file of a scene's vocabulary.</summary>
/// <remarks>
/// <code>
/// "SAGAVOCB"                      8 bytes
/// format version                  uint32
/// header length                   uint32
/// header                          JSON, UTF-8: numbers of masks and channels, what it was made of
/// views, clusters                 int32 [masks] each
/// quantiles                       float32 [masks]
/// queries                         float32 [masks, feature channels]
/// embeddings                      float16 [masks, embedding channels]
/// SHA-256                         32 bytes over everything before
/// </code>
/// All numbers are little-endian.
/// </remarks>
public static class MaskVocabularyFile
{
    /// <summary>Version of the format that is written and read.</summary>
    public const int FormatVersion = 1;

    private const int PrefixBytes = 16;
    private const int MaxHeaderBytes = 1 << 16;

    // Ten times what the largest scenes have.
    private const int MaxMasks = 1_000_000;
    private const int MaxEmbeddingDimension = 4096;

    private static ReadOnlySpan<byte> Magic => "SAGAVOCB"u8;

    private sealed record Header(int Masks, int FeatureDimension, int EmbeddingDimension, MaskVocabularyInfo Info);

    /// <summary>Writes a vocabulary.</summary>
    /// <param name="stream">Receives the file; not closed.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    public static void Write(Stream stream, MaskVocabulary vocabulary)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(
            new Header(vocabulary.Count, vocabulary.FeatureDimension, vocabulary.EmbeddingDimension, vocabulary.Info), JsonSerializerOptions.Web);
        byte[] prefix = new byte[PrefixBytes];
        Magic.CopyTo(prefix);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix.AsSpan(12), (uint)header.Length);
        Append(prefix);
        Append(header);
        Append(MemoryMarshal.AsBytes<int>(vocabulary.Views));
        Append(MemoryMarshal.AsBytes<int>(vocabulary.Clusters));
        Append(MemoryMarshal.AsBytes<float>(vocabulary.Quantiles));
        Append(MemoryMarshal.AsBytes<float>(vocabulary.Queries));
        Append(MemoryMarshal.AsBytes<Half>(vocabulary.Embeddings));
        stream.Write(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="stream">The file, from its start to its end; seekable.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidVocabularyException">Damaged or of another version.</exception>
    public static MaskVocabulary Read(Stream stream, string name)
    {
        long length = stream.Length - stream.Position;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] prefix = Take(PrefixBytes);
        if (!prefix.AsSpan(0, 8).SequenceEqual(Magic))
        {
            throw Damaged("it does not begin as a vocabulary does");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(prefix.AsSpan(8));
        if (version != FormatVersion)
        {
            throw new InvalidVocabularyException(
                $"{name} has the format version {version}; this service reads {FormatVersion}. Make the vocabulary again.");
        }

        uint headerLength = BinaryPrimitives.ReadUInt32LittleEndian(prefix.AsSpan(12));
        Header header = headerLength <= MaxHeaderBytes ? Parse(Take((int)headerLength)) : throw Damaged("its header is too long");
        long bytes = 12L * header.Masks + (4L * header.FeatureDimension + 2L * header.EmbeddingDimension) * header.Masks;
        if (length != PrefixBytes + headerLength + bytes + SHA256.HashSizeInBytes)
        {
            throw Damaged($"it has {length} bytes, which {header.Masks} masks do not take");
        }

        var vocabulary = new MaskVocabulary
        {
            FeatureDimension = header.FeatureDimension,
            EmbeddingDimension = header.EmbeddingDimension,
            Views = Array<int>(header.Masks),
            Clusters = Array<int>(header.Masks),
            Quantiles = Array<float>(header.Masks),
            Queries = Array<float>((long)header.Masks * header.FeatureDimension),
            Embeddings = Array<Half>((long)header.Masks * header.EmbeddingDimension),
            Info = header.Info,
        };
        byte[] computed = hash.GetHashAndReset();
        byte[] stored = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(stored);
        return computed.AsSpan().SequenceEqual(stored) ? vocabulary : throw Damaged("its checksum does not fit");

        T[] Array<T>(long count)
            where T : unmanaged
        {
            T[] values = new T[checked((int)count)];
            Span<byte> raw = MemoryMarshal.AsBytes(values.AsSpan());
            stream.ReadExactly(raw);
            hash.AppendData(raw);
            return values;
        }

        byte[] Take(int count)
        {
            byte[] taken = new byte[count];
            if (stream.ReadAtLeast(taken, count, false) < count)
            {
                throw Damaged("it ends too early");
            }

            hash.AppendData(taken);
            return taken;
        }

        Header Parse(byte[] json)
        {
            Header? parsed;
            try
            {
                parsed = JsonSerializer.Deserialize<Header>(json, JsonSerializerOptions.Web);
            }
            catch (JsonException)
            {
                throw Damaged("its header is no JSON");
            }

            return parsed is { Masks: >= 0 and <= MaxMasks, FeatureDimension: > 0 and <= 64, EmbeddingDimension: > 0 and <= MaxEmbeddingDimension, Info: not null }
                ? parsed
                : throw Damaged("its header holds impossible numbers");
        }

        InvalidVocabularyException Damaged(string reason) => new($"{name} is damaged: {reason}. Make the vocabulary again.");
    }
}
