using System.Buffers.Binary;

namespace Saga.Engine.Archives;

/// <summary>The checksum of zip entries: CRC-32 with the reflected polynomial 0xEDB88320, eight bytes at a time.</summary>
internal struct Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 8;

    // Tables[256·s + b]: the remainder of byte b followed by s zero bytes.
    private static readonly uint[] Tables = BuildTables();

    // Stored inverted, so that a default value is the checksum of nothing.
    private uint _inverted;

    /// <summary>The checksum of everything added.</summary>
    public readonly uint Value => _inverted;

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        uint[] tables = Tables;
        uint crc = ~_inverted;
        for (; bytes.Length >= Slices; bytes = bytes[Slices..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            crc = tables[7 * 256 + (low & 255)] ^ tables[6 * 256 + ((low >> 8) & 255)]
                ^ tables[5 * 256 + ((low >> 16) & 255)] ^ tables[4 * 256 + (low >> 24)]
                ^ tables[3 * 256 + bytes[4]] ^ tables[2 * 256 + bytes[5]] ^ tables[256 + bytes[6]] ^ tables[bytes[7]];
        }

        foreach (byte value in bytes)
        {
            crc = tables[(crc ^ value) & 255] ^ (crc >> 8);
        }

        _inverted = ~crc;
    }

    private static uint[] BuildTables()
    {
        var tables = new uint[Slices * 256];
        for (uint b = 0; b < 256; b++)
        {
            uint remainder = b;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = (remainder & 1) != 0 ? (remainder >> 1) ^ Polynomial : remainder >> 1;
            }

            tables[b] = remainder;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint shorter = tables[i - 256];
            tables[i] = tables[shorter & 255] ^ (shorter >> 8);
        }

        return tables;
    }
}
