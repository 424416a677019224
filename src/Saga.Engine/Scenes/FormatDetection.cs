using System.Buffers.Binary;
using Saga.Engine.Scenes.CompressedPly;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Scenes.Sog;
using Saga.Engine.Scenes.Splat;
using Saga.Engine.Scenes.Spz;

namespace Saga.Engine.Scenes;

/// <summary>Tells formats apart by their first bytes; .splat alone has no mark, and is known by what its records say.</summary>
internal static class FormatDetection
{
    private const string Known = "Gaussians are read from .ply, .compressed.ply, .splat, .spz (versions 2 to 4) and .sog (version 2)";

    /// <summary>Records that are looked at, spread over the file.</summary>
    private const int Probes = 32;

    /// <summary>Tells a file's format.</summary>
    /// <exception cref="InvalidSceneException">None that is read.</exception>
    public static GaussianFileFormat Detect(string path, string fileName)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[16];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.IsEmpty)
        {
            throw new InvalidSceneException($"{fileName}: the file is empty. {Known}.");
        }

        if (start.StartsWith("ply"u8))
        {
            file.Position = 0;
            PlyHeader header = PlyHeaderReader.Read(file, fileName);
            return CompressedPlyLayout.Fits(header) ? GaussianFileFormat.CompressedPly : GaussianFileFormat.Ply;
        }

        if (start.StartsWith(SpzHeader.Magic) || start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
        {
            return GaussianFileFormat.Spz;
        }

        if (start.StartsWith("PK"u8))
        {
            return SogFile.Fits(path) ? GaussianFileFormat.Sog : throw Other(
                $"{fileName}: this is a zip without a meta.json, so it is no .sog scene. {Known}; send the scene's own file.");
        }

        if (start[0] == (byte)'{')
        {
            throw Other(
                $"{fileName}: this is a text in JSON, perhaps the meta.json of a scene in many files. {Known}; pack such a folder as one .sog.");
        }

        if (fileName.EndsWith(".ksplat", StringComparison.OrdinalIgnoreCase))
        {
            throw Other($"{fileName}: .ksplat is not read. {Known}; convert the scene to one of them.");
        }

        bool isNamedSo = fileName.EndsWith(".splat", StringComparison.OrdinalIgnoreCase);
        return isNamedSo || LooksLikeSplat(file) ? GaussianFileFormat.Splat : throw new InvalidSceneException(
            $"{fileName}: the file does not start as any known format does; a .ply scene starts with «ply». {Known}.");
    }

    private static InvalidSceneException Other(string message) => new(message) { IsOtherFormat = true };

    /// <summary>
    /// True when the file is made of whole records and those looked at could be Gaussians. Arbitrary bytes make up numbers of all
    /// magnitudes, and text makes none whose standard deviations are like its means.
    /// </summary>
    private static bool LooksLikeSplat(FileStream file)
    {
        long count = file.Length / SplatRecord.Bytes;
        if (count == 0 || file.Length % SplatRecord.Bytes != 0)
        {
            return false;
        }

        Span<byte> record = stackalloc byte[SplatRecord.Bytes];
        bool isText = true;
        for (long probe = 0; probe < Math.Min(Probes, count); probe++)
        {
            file.Position = probe * count / Math.Min(Probes, count) * SplatRecord.Bytes;
            file.ReadExactly(record);
            isText &= record.IndexOfAnyExceptInRange((byte)9, (byte)126) < 0;
            for (int i = 0; i < 6; i++)
            {
                float number = BinaryPrimitives.ReadSingleLittleEndian(record[(4 * i)..]);
                bool fits = i < 3
                    ? MathF.Abs(number) <= GaussianChecks.MaxCoordinate
                    : number > MathF.Exp(GaussianChecks.MinLogScale) && number < MathF.Exp(GaussianChecks.MaxLogScale);
                if (!fits)
                {
                    return false;
                }
            }
        }

        return !isText;
    }
}
