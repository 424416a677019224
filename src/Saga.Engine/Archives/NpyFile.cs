using System.Buffers.Binary;
using System.Text;

namespace Saga.Engine.Archives;

/// <summary>Writes NumPy's <c>.npy</c> files, format version 1.</summary>
public static class NpyFile
{
    private const int Alignment = 64;
    private const int NumbersPerBlock = 16_384;

    /// <summary>Writes a list of numbers, <c>&lt;u4</c>.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="numbers">[count].</param>
    public static void Write(Stream stream, ReadOnlySpan<uint> numbers)
    {
        string dictionary = $"{{'descr': '<u4', 'fortran_order': False, 'shape': ({numbers.Length},), }}";
        int length = (10 + dictionary.Length + 1 + Alignment - 1) / Alignment * Alignment - 10;
        byte[] header =
        [
            0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8),
            .. Encoding.ASCII.GetBytes(dictionary.PadRight(length - 1)), (byte)'\n',
        ];
        stream.Write(header);
        byte[] block = new byte[sizeof(uint) * NumbersPerBlock];
        for (int first = 0; first < numbers.Length; first += NumbersPerBlock)
        {
            int count = Math.Min(NumbersPerBlock, numbers.Length - first);
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(sizeof(uint) * i), numbers[first + i]);
            }

            stream.Write(block, 0, sizeof(uint) * count);
        }
    }
}
