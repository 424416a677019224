using System.Buffers.Binary;

namespace Saga.Engine.Scenes.Spz;

/// <summary>The start of an .spz file, whatever its version.</summary>
/// <remarks>
/// <code>
/// "NGSP", version u32, count u32, shDegree u8, fractionalBits u8, flags u8, u8     16 bytes, all versions
/// tocOffset u32, 12 bytes of 0                                                     16 more, version 4 only
/// </code>
/// The last byte of the first line is 0 before version 4 and then the number of attribute streams.
/// </remarks>
/// <param name="Version">1..4, as stored.</param>
/// <param name="Count">Gaussians that the header claims.</param>
/// <param name="ShDegree">0..4.</param>
/// <param name="FractionalBits">Binary places of a coordinate, 0..23.</param>
/// <param name="HasExtensions">Records of vendors follow.</param>
/// <param name="Streams">Attribute streams, version 4 only.</param>
/// <param name="TocOffset">Where the table of the streams begins, version 4 only.</param>
internal sealed record SpzHeader(
    uint Version, uint Count, int ShDegree, int FractionalBits, bool HasExtensions, int Streams, uint TocOffset)
{
    /// <summary>Bytes of a header before version 4.</summary>
    public const int LegacyBytes = 16;

    /// <summary>Bytes of a header of version 4.</summary>
    public const int Bytes = 32;

    /// <summary>Means, opacities, colours, scales, rotations, and harmonics where there are any.</summary>
    public const int MaxStreams = 6;

    private const int MaxShDegree = 4;
    private const int MaxFractionalBits = 23;
    private const byte ExtensionsFlag = 2;

    /// <summary>The first four bytes of a file that is not compressed as a whole.</summary>
    public static ReadOnlySpan<byte> Magic => "NGSP"u8;

    /// <summary>Bytes of a stored rotation.</summary>
    public int RotationBytes => Version >= 3 ? 4 : 3;

    /// <summary>Bytes of one Gaussian's view-dependent colours.</summary>
    public int HarmonicsBytes => 3 * ((ShDegree + 1) * (ShDegree + 1) - 1);

    /// <summary>Bytes of one Gaussian: 9 of its mean, 1 opacity, 3 of its colour, 3 of its scales, rotation, harmonics.</summary>
    public int GaussianBytes => 16 + RotationBytes + HarmonicsBytes;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">At least <see cref="LegacyBytes"/>, or <see cref="Bytes"/> in version 4.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidSceneException">Not an .spz file, or of a version that is not read.</exception>
    public static SpzHeader Parse(ReadOnlySpan<byte> bytes, string fileName)
    {
        if (bytes.Length < LegacyBytes || !bytes.StartsWith(Magic))
        {
            throw new InvalidSceneException(
                $"{fileName}: what is compressed in this file does not start with «NGSP», so it is no .spz scene.");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (version is < 2 or > 4)
        {
            throw new InvalidSceneException(
                $"{fileName}: this is .spz version {version}; versions 2, 3 and 4 are read. Export the scene again in one of them.");
        }

        if (version == 4 && bytes.Length < Bytes)
        {
            throw Truncated(fileName);
        }

        var header = new SpzHeader(
            version, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), bytes[12], bytes[13], (bytes[14] & ExtensionsFlag) != 0,
            version == 4 ? bytes[15] : 0, version == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) : 0);
        if (header.Count == 0)
        {
            throw new InvalidSceneException($"{fileName}: the header says there are 0 Gaussians; expected at least one.");
        }

        if (header.ShDegree > MaxShDegree || header.FractionalBits > MaxFractionalBits)
        {
            throw new InvalidSceneException(
                $"{fileName}: the header has spherical harmonics of degree {header.ShDegree} and {header.FractionalBits} fractional bits; "
                + $"at most {MaxShDegree} and {MaxFractionalBits} exist. The file is damaged.");
        }

        long most = Array.MaxLength / Math.Max(9, header.HarmonicsBytes);
        return header.Count <= most ? header : throw new InvalidSceneException(
            $"{fileName}: the header promises {header.Count} Gaussians; at most {most} with colours of degree {header.ShDegree} are read.");
    }

    /// <summary>The refusal of a file that ends too early.</summary>
    public static InvalidSceneException Truncated(string fileName) => new(
        $"{fileName}: the file ends before all that its header promises was read; it is truncated, upload it again.");
}
