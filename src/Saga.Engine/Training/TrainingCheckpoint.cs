using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Saga.Engine.Scenes;

namespace Saga.Engine.Training;

/// <summary>
/// A checkpoint file: magic, version, a fingerprint of what is trained (options and scene shape), the state, and the SHA-256 of
/// everything before it.
/// </summary>
internal static class TrainingCheckpoint
{
    private const int FormatVersion = 1;
    private static readonly byte[] Magic = "SAGACKPT"u8.ToArray();

    public static void Write(Stream stream, TrainingState state, AffinityTrainingOptions options, GaussianScene scene)
    {
        using var hashing = new HashingStream(stream);
        using (var writer = new BinaryWriter(hashing, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(FormatVersion);
            writer.Write(Fingerprint(options, scene));
            state.Write(writer);
        }

        stream.Write(hashing.GetHash());
    }

    /// <summary>Reads a checkpoint into a fresh state; the state is usable only if this returns.</summary>
    /// <exception cref="InvalidCheckpointException">Damaged, truncated, or of another training.</exception>
    public static void Read(Stream stream, TrainingState state, AffinityTrainingOptions options, GaussianScene scene)
    {
        try
        {
            using var hashing = new HashingStream(stream);
            using (var reader = new BinaryReader(hashing, Encoding.UTF8, leaveOpen: true))
            {
                if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic) || reader.ReadInt32() != FormatVersion)
                {
                    throw new InvalidCheckpointException("The file is not a checkpoint of this version.");
                }

                if (!reader.ReadBytes(SHA256.HashSizeInBytes).AsSpan().SequenceEqual(Fingerprint(options, scene)))
                {
                    throw new InvalidCheckpointException("The checkpoint belongs to a training with other options or another scene.");
                }

                state.Read(reader);
            }

            byte[] computed = hashing.GetHash();
            var stored = new byte[SHA256.HashSizeInBytes];
            stream.ReadExactly(stored);
            if (!stored.AsSpan().SequenceEqual(computed))
            {
                throw new InvalidCheckpointException("The checkpoint is damaged: its SHA-256 does not match.");
            }
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidCheckpointException("The checkpoint is truncated.", error);
        }
    }

    private static byte[] Fingerprint(AffinityTrainingOptions options, GaussianScene scene)
    {
        // The thread count does not change the result and may differ where the training goes on.
        string json = JsonSerializer.Serialize(options with { MaxThreads = 0 });
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{json}|{scene.Count}|{scene.FileGaussianCount}"));
    }
}
