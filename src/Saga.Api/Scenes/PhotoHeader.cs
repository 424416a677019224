using System.Buffers.Binary;

namespace Saga.Api.Scenes;

/// <summary>Reads the size of a JPEG or PNG from its header.</summary>
internal static class PhotoHeader
{
    private const int PngHeaderBytes = 24;

    /// <returns>Null when the bytes are neither a JPEG nor a PNG, or end before the size.</returns>
    public static (int Width, int Height)? ReadSize(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]) ? ReadPng(file)
        : file.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8]) ? ReadJpeg(file)
        : null;

    private static (int Width, int Height)? ReadPng(ReadOnlySpan<byte> file) =>
        file.Length >= PngHeaderBytes && file[12..16].SequenceEqual("IHDR"u8)
            ? Positive(BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]))
            : null;

    private static (int Width, int Height)? ReadJpeg(ReadOnlySpan<byte> file)
    {
        // Segments: ff, marker, length (itself included, big-endian), payload. A frame header (SOFn) holds precision, height, width.
        int position = 2;
        while (position + 9 <= file.Length && file[position] == 0xff)
        {
            byte marker = file[position + 1];
            if (marker == 0xff)
            {
                position++;
                continue;
            }

            bool isFrameHeader = marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc);
            if (isFrameHeader)
            {
                return Positive(
                    BinaryPrimitives.ReadUInt16BigEndian(file[(position + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(position + 5)..]));
            }

            bool standsAlone = marker is 0x01 or (>= 0xd0 and <= 0xd8);
            position += standsAlone ? 2 : 2 + Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(file[(position + 2)..]));
        }

        return null;
    }

    private static (int Width, int Height)? Positive(int width, int height) => width > 0 && height > 0 ? (width, height) : null;
}
