using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Saga.Engine.Scenes;

namespace Saga.Engine.Affinity;

/// <summary>Takes the feature of one Gaussian.</summary>
/// <param name="index">Engine index.</param>
/// <param name="feature">The feature, [dimension]; not to be kept.</param>
public delegate void FeatureReceiver(int index, ReadOnlySpan<float> feature);

/// <content>Reading.</content>
public static partial class AffinityModelFile
{
    /// <summary>Reads a model and brings it into a scene's order.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="scene">The scene it is for.</param>
    /// <param name="sceneSha256">SHA-256 of the scene's Gaussian file, lower-case hex; empty when not known.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidModelException">Damaged, of another version, or of another scene.</exception>
    public static AffinityModel Read(string path, GaussianScene scene, string sceneSha256, CancellationToken cancellationToken)
    {
        using FileStream stream = Open(path);
        return Read(stream, Path.GetFileName(path), scene, sceneSha256, cancellationToken);
    }

    /// <summary>Reads a model from a stream whose length is known.</summary>
    /// <param name="stream">The file, from its start to its end.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="scene">The scene it is for.</param>
    /// <param name="sceneSha256">SHA-256 of the scene's Gaussian file, lower-case hex; empty when not known.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidModelException">Damaged, of another version, or of another scene.</exception>
    public static AffinityModel Read(
        Stream stream, string name, GaussianScene scene, string sceneSha256, CancellationToken cancellationToken)
    {
        float[] features = [];
        AffinityModelHeader header = ReadInto(
            stream,
            name,
            scene,
            sceneSha256,
            dimension =>
            {
                features = GC.AllocateUninitializedArray<float>(checked(scene.Count * dimension));
                return (index, feature) => feature.CopyTo(features.AsSpan(index * dimension));
            },
            cancellationToken);
        return header.ToModel(features, name);
    }

    /// <summary>Reads a model whose features go elsewhere, one by one.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="scene">The scene it is for.</param>
    /// <param name="sceneSha256">SHA-256 of the scene's Gaussian file, lower-case hex; empty when not known.</param>
    /// <param name="receiverOf">Told the channels, gives what takes the features, in the order of the file.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The model without its features.</returns>
    /// <exception cref="InvalidModelException">Damaged, of another version, or of another scene; what was taken is then worthless.</exception>
    public static AffinityModel ReadInto(
        string path, GaussianScene scene, string sceneSha256, Func<int, FeatureReceiver> receiverOf, CancellationToken cancellationToken)
    {
        using FileStream stream = Open(path);
        string name = Path.GetFileName(path);
        return ReadInto(stream, name, scene, sceneSha256, receiverOf, cancellationToken).ToModel([], name);
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    private static AffinityModelHeader ReadInto(
        Stream stream, string name, GaussianScene scene, string sceneSha256, Func<int, FeatureReceiver> receiverOf,
        CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AffinityModelHeader header = ReadHeader(stream, hash, name);
        CheckScene(header, scene, sceneSha256, name);

        // The scene bounds every size from here on; the file only has to agree with it.
        int presenceBytes = (scene.FileGaussianCount + 7) / 8;
        byte[] presence = Take(stream, hash, presenceBytes, name);
        CheckPresence(presence, scene, name);
        ReadFeatures(stream, hash, header.Dimension, scene, receiverOf(header.Dimension), name, cancellationToken);

        byte[] expected = hash.GetHashAndReset();
        Span<byte> found = stackalloc byte[expected.Length];
        ReadExactly(stream, found, name);
        return found.SequenceEqual(expected)
            ? header
            : throw new InvalidModelException($"{name}: the checksum does not match; the file was damaged. "
                + "Restore it or train the scene again.");
    }

    private static AffinityModelHeader ReadHeader(Stream stream, IncrementalHash hash, string name)
    {
        ReadOnlySpan<byte> prefix = Take(stream, hash, PrefixBytes, name);
        if (!prefix[..Magic.Length].SequenceEqual(Magic))
        {
            throw new InvalidModelException($"{name}: this is not a model file; it does not start with SAGAMODL.");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        if (version != FormatVersion)
        {
            throw new InvalidModelException(
                $"{name}: the file has format version {version}; this program reads version {FormatVersion}. "
                + "Update it or train the scene again.");
        }

        uint headerLength = BinaryPrimitives.ReadUInt32LittleEndian(prefix[12..]);
        if (headerLength > AffinityModelHeader.MaxBytes)
        {
            throw new InvalidModelException(
                $"{name}: the header claims {headerLength} bytes; "
                + $"at most {AffinityModelHeader.MaxBytes} are possible. The file is damaged.");
        }

        AffinityModelHeader header = AffinityModelHeader.Parse(Take(stream, hash, (int)headerLength, name), name);
        long expected = PrefixBytes + headerLength + (header.FileGaussianCount + 7L) / 8
            + (long)header.Count * header.Dimension * sizeof(float) + SHA256.HashSizeInBytes;
        return stream.Length == expected
            ? header
            : throw new InvalidModelException(
                $"{name}: the file has {stream.Length} bytes; its header describes {expected}. "
                + "It was cut off or has something appended.");
    }

    private static void CheckScene(AffinityModelHeader header, GaussianScene scene, string sceneSha256, string name)
    {
        if (header.FileGaussianCount != scene.FileGaussianCount)
        {
            throw new InvalidModelException(
                $"{name}: the model was trained on a file of {header.FileGaussianCount} Gaussians; "
                + $"this scene's file has {scene.FileGaussianCount}.");
        }

        if (header.SceneSha256.Length > 0 && sceneSha256.Length > 0
            && !string.Equals(header.SceneSha256, sceneSha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidModelException(
                $"{name}: the model was trained on the Gaussian file {header.SceneSha256}; "
                + $"this scene's is {sceneSha256}.");
        }

        if (header.Count != scene.Count)
        {
            throw new InvalidModelException(
                $"{name}: the model has features for {header.Count} Gaussians; "
                + $"{scene.Count} of this scene are usable. Train the scene again.");
        }
    }

    private static void CheckPresence(byte[] presence, GaussianScene scene, string name)
    {
        foreach (int record in scene.FileIndices)
        {
            if ((presence[record >> 3] >> (record & 7) & 1) == 0)
            {
                throw new InvalidModelException($"{name}: "
                    + $"the model has no feature for Gaussian {record} of this scene. Train the scene again.");
            }
        }

        // As many bits as Gaussians, and every Gaussian has one: the two sets are equal.
        int present = presence.Sum(b => BitOperations.PopCount(b));
        if (present != scene.Count)
        {
            throw new InvalidModelException(
                $"{name}: the model marks {present} Gaussians as present; its features are {scene.Count}. "
                + "The file is damaged.");
        }
    }

    private static void ReadFeatures(
        Stream stream, IncrementalHash hash, int dimension, GaussianScene scene, FeatureReceiver receive, string name,
        CancellationToken cancellationToken)
    {
        int rowBytes = dimension * sizeof(float);
        int rowsPerChunk = ChunkBytes / rowBytes;
        int[] engineByRecord = EngineByRecord(scene);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int record = 0;
            for (int done = 0; done < scene.Count; done += rowsPerChunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int rows = Math.Min(rowsPerChunk, scene.Count - done);
                Span<byte> bytes = chunk.AsSpan(0, rows * rowBytes);
                ReadExactly(stream, bytes, name);
                hash.AppendData(bytes);
                SwapOnBigEndian(bytes);
                ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(bytes);
                CheckFeatures(values, name);
                for (int row = 0; row < rows; row++, record++)
                {
                    while (engineByRecord[record] < 0)
                    {
                        record++;
                    }

                    receive(engineByRecord[record], values.Slice(row * dimension, dimension));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static byte[] Take(Stream stream, IncrementalHash hash, int length, string name)
    {
        byte[] bytes = new byte[length];
        ReadExactly(stream, bytes, name);
        hash.AppendData(bytes);
        return bytes;
    }

    private static void ReadExactly(Stream stream, Span<byte> bytes, string name)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw new InvalidModelException($"{name}: the file ends too early, at byte {stream.Position}. "
                + "It was cut off; restore it or train the scene again.");
        }
    }
}
