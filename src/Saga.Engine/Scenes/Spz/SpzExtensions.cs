using System.Buffers.Binary;

namespace Saga.Engine.Scenes.Spz;

/// <summary>The one vendor's record that says how to read a file: where its axes point. All others are skipped.</summary>
/// <remarks>A record is a type, a length, both u32, and so many bytes. Without a record the axes are right, up, back.</remarks>
internal static class SpzExtensions
{
    /// <summary>SPZ_ADOBE_coordinate_system: one u32, 0 for the default.</summary>
    private const uint CoordinateSystem = 0xADBE0003;

    // 1..8 are LDB RDB LUB RUB LDF RDF LUF RUF; from 9 on y and z are exchanged as well.
    private const uint RightUpBack = 4;
    private const uint RightUpForward = 8;

    /// <summary>The axes of files without a word about them, right, up and back, brought to right, down and forward.</summary>
    public static AxisFlips Default { get; } = new(1, -1, -1);

    /// <summary>Finds out what brings a file's axes to those of PLY files: right, down and forward.</summary>
    /// <param name="records">All extension records; may be empty.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidSceneException">Damaged records, or axes that are not read.</exception>
    public static AxisFlips FlipsOf(ReadOnlySpan<byte> records, string fileName)
    {
        while (records.Length >= 8)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(records);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(records[4..]);
            records = records[8..];
            if (length > records.Length)
            {
                throw new InvalidSceneException(
                    $"{fileName}: an extension record claims {length} bytes where {records.Length} are left; the file is damaged.");
            }

            if (type == CoordinateSystem && length >= sizeof(uint))
            {
                return FlipsOf(BinaryPrimitives.ReadUInt32LittleEndian(records), fileName);
            }

            records = records[(int)length..];
        }

        return Default;
    }

    private static AxisFlips FlipsOf(uint system, string fileName)
    {
        if (system > RightUpForward)
        {
            throw new InvalidSceneException(
                $"{fileName}: the file's axes are those of coordinate system {system}, with y and z exchanged, which are not read. "
                + "Export it with the axes of PLY files (RDF) or of .spz itself (RUB).");
        }

        uint axes = (system == 0 ? RightUpBack : system) - 1;
        bool isRight = (axes & 1) != 0;
        bool isUp = (axes & 2) != 0;
        bool isForward = (axes & 4) != 0;
        return new AxisFlips(isRight ? 1 : -1, isUp ? -1 : 1, isForward ? 1 : -1);
    }
}
