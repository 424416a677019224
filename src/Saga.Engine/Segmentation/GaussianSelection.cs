using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Saga.Engine.Segmentation;

/// <summary>A set of Gaussians as a bit mask over the records of the uploaded file.</summary>
/// <remarks>
/// Gaussian i is bit i%8 of byte i/8, least significant first: the layout of the HTTP contract. An answer's memory is borrowed: who
/// disposes the selection, when nobody reads it any more, saves the next prompt an allocation; who does not loses nothing.
/// </remarks>
public sealed class GaussianSelection : IDisposable
{
    private readonly bool _borrowed;
    private readonly int _byteCount;
    private byte[]? _bits;

    /// <summary>Wraps a bit mask.</summary>
    /// <param name="bits">⌈count/8⌉ bytes; bits past the count must be 0. Not copied.</param>
    /// <param name="gaussianCount">Records in the uploaded file.</param>
    public GaussianSelection(byte[] bits, int gaussianCount)
    {
        int expected = (gaussianCount + 7) / 8;
        if (bits.Length != expected)
        {
            throw new ArgumentException($"The mask has {bits.Length} bytes; "
                + $"{gaussianCount} Gaussians take {expected}.", nameof(bits));
        }

        if (gaussianCount % 8 != 0 && bits[^1] >> (gaussianCount % 8) != 0)
        {
            throw new ArgumentException($"The mask sets bits past Gaussian {gaussianCount - 1}.", nameof(bits));
        }

        _bits = bits;
        _byteCount = expected;
        GaussianCount = gaussianCount;
        SelectedCount = CountOf(bits);
    }

    // borrowed: of the shared pool, at least ⌈count/8⌉ bytes.
    private GaussianSelection(int gaussianCount, byte[] borrowed)
    {
        _bits = borrowed;
        _borrowed = true;
        _byteCount = (gaussianCount + 7) / 8;
        GaussianCount = gaussianCount;
        SelectedCount = CountOf(borrowed.AsSpan(0, _byteCount));
    }

    /// <summary>Records in the uploaded file.</summary>
    public int GaussianCount { get; }

    /// <summary>How many are selected.</summary>
    public int SelectedCount { get; }

    /// <summary>The mask, ⌈count/8⌉ bytes.</summary>
    /// <exception cref="ObjectDisposedException">The selection was disposed.</exception>
    public ReadOnlyMemory<byte> Bits => Memory.AsMemory(0, _byteCount);

    private byte[] Memory => _bits ?? throw new ObjectDisposedException(nameof(GaussianSelection));

    /// <summary>True when a record is selected.</summary>
    /// <param name="fileIndex">Index in the uploaded file.</param>
    public bool Contains(int fileIndex) => (Memory[fileIndex >> 3] >> (fileIndex & 7) & 1) != 0;

    /// <summary>The selected file indices, ascending.</summary>
    public int[] ToIndices()
    {
        var indices = new int[SelectedCount];
        int next = 0;
        ReadOnlySpan<byte> bits = Bits.Span;
        for (int b = 0; b < bits.Length; b++)
        {
            for (uint rest = bits[b]; rest != 0; rest &= rest - 1)
            {
                indices[next++] = b * 8 + BitOperations.TrailingZeroCount(rest);
            }
        }

        return indices;
    }

    /// <summary>Ends the use of <see cref="Bits"/>; what was counted stays.</summary>
    public void Dispose()
    {
        byte[]? bits = Interlocked.Exchange(ref _bits, null);
        if (_borrowed && bits is not null)
        {
            ArrayPool<byte>.Shared.Return(bits);
        }
    }

    /// <summary>Borrows memory for a selection.</summary>
    /// <param name="gaussianCount">Records in the uploaded file.</param>
    /// <returns>⌈count/8⌉ bytes of 0, or some more, which must stay 0.</returns>
    internal static byte[] BorrowBits(int gaussianCount)
    {
        byte[] bits = ArrayPool<byte>.Shared.Rent(Math.Max(1, (gaussianCount + 7) / 8));
        Array.Clear(bits);
        return bits;
    }

    /// <summary>Wraps what was written into borrowed memory, which returns when the selection is disposed.</summary>
    internal static GaussianSelection OfBorrowed(byte[] bits, int gaussianCount) => new(gaussianCount, bits);

    private static int CountOf(ReadOnlySpan<byte> bits)
    {
        int count = 0;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bits);
        foreach (ulong word in words)
        {
            count += BitOperations.PopCount(word);
        }

        foreach (byte rest in bits[(words.Length * sizeof(ulong))..])
        {
            count += BitOperations.PopCount(rest);
        }

        return count;
    }
}
