using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Saga.Persistence.Selections;

/// <summary>The difference of two bit masks of one length: their exclusive or, compressed. Applied to one it gives the other.</summary>
internal static class MaskDelta
{
    // Somebody waits for it, and it is kept for as long as the selection is: neither the fastest nor the smallest.
    private const int Quality = 4;

    // Brotli's largest: records of one object may lie far apart.
    private const int WindowBits = 22;

    /// <summary>The difference.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static byte[] Between(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        byte[] changed = Xor(one, other);
        byte[] compressed = new byte[BrotliEncoder.GetMaxCompressedLength(changed.Length)];
        if (!BrotliEncoder.TryCompress(changed, compressed, out int length, Quality, WindowBits))
        {
            throw new InvalidOperationException($"A mask of {changed.Length} bytes does not fit its greatest compressed length.");
        }

        return compressed[..length];
    }

    /// <summary>The mask on the other side of a difference; null when the difference is damaged or of masks of another length.</summary>
    public static byte[]? Apply(ReadOnlySpan<byte> mask, ReadOnlySpan<byte> delta)
    {
        // One byte more, so that a longer one is noticed too.
        byte[] changed = new byte[mask.Length + 1];
        return BrotliDecoder.TryDecompress(delta, changed, out int length) && length == mask.Length
            ? Xor(mask, changed.AsSpan(0, length))
            : null;
    }

    private static byte[] Xor(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
        {
            throw new ArgumentException($"Masks of {one.Length} and {other.Length} bytes have no difference.", nameof(other));
        }

        byte[] changed = new byte[one.Length];
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(changed.AsSpan());
        ReadOnlySpan<ulong> oneWords = MemoryMarshal.Cast<byte, ulong>(one);
        ReadOnlySpan<ulong> otherWords = MemoryMarshal.Cast<byte, ulong>(other);
        for (int w = 0; w < words.Length; w++)
        {
            words[w] = oneWords[w] ^ otherWords[w];
        }

        for (int b = words.Length * sizeof(ulong); b < changed.Length; b++)
        {
            changed[b] = (byte)(one[b] ^ other[b]);
        }

        return changed;
    }
}
