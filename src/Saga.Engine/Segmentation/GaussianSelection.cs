using System.Numerics;
using System.Runtime.InteropServices;

namespace Saga.Engine.Segmentation;

/// <summary>A set of Gaussians as a bit mask over the records of the uploaded file.</summary>
/// <remarks>Gaussian i is bit i%8 of byte i/8, least significant first: the layout of the HTTP contract.</remarks>
public sealed class GaussianSelection
{
    private readonly byte[] _bits;

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
        GaussianCount = gaussianCount;
        SelectedCount = CountOf(bits);
    }

    /// <summary>Records in the uploaded file.</summary>
    public int GaussianCount { get; }

    /// <summary>How many are selected.</summary>
    public int SelectedCount { get; }

    /// <summary>The mask, ⌈count/8⌉ bytes.</summary>
    public ReadOnlyMemory<byte> Bits => _bits;

    /// <summary>True when a record is selected.</summary>
    /// <param name="fileIndex">Index in the uploaded file.</param>
    public bool Contains(int fileIndex) => (_bits[fileIndex >> 3] >> (fileIndex & 7) & 1) != 0;

    /// <summary>The selected file indices, ascending.</summary>
    public int[] ToIndices()
    {
        var indices = new int[SelectedCount];
        int next = 0;
        for (int b = 0; b < _bits.Length; b++)
        {
            for (uint rest = _bits[b]; rest != 0; rest &= rest - 1)
            {
                indices[next++] = b * 8 + BitOperations.TrailingZeroCount(rest);
            }
        }

        return indices;
    }

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
