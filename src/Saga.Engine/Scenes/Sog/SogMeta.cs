using System.Text.Json;

namespace Saga.Engine.Scenes.Sog;

/// <summary>What meta.json of a .sog scene says: how many Gaussians there are, and how the images' bytes become numbers.</summary>
internal sealed record SogMeta(
    int Version, int Count, SogMeans Means, SogCoded Scales, SogFiles Quats, SogCoded Sh0, SogHarmonics? ShN = null)
{
    /// <summary>Codebooks have one number per byte.</summary>
    public const int CodebookSize = 256;

    private const int ReadVersion = 2;
    private const int MaxBytes = 4 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Degree of the spherical harmonics, 0..3.</summary>
    public int ShDegree => ShN?.Bands ?? 0;

    /// <summary>Reads meta.json.</summary>
    /// <param name="stream">Its text.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="fileName">The scene, for messages.</param>
    /// <exception cref="InvalidSceneException">Damaged, of another version, or with numbers that no scene has.</exception>
    public static SogMeta Read(Stream stream, long length, string fileName)
    {
        if (length > MaxBytes)
        {
            throw new InvalidSceneException($"{fileName}: meta.json has {length} bytes; at most {MaxBytes} are read.");
        }

        SogVersion? version;
        SogMeta? meta;
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream);
            version = document.Deserialize<SogVersion>(Json);
            meta = version?.Version == ReadVersion ? document.Deserialize<SogMeta>(Json) : null;
        }
        catch (JsonException error)
        {
            throw new InvalidSceneException(
                $"{fileName}: meta.json is damaged or lacks something near {error.Path}; export the scene again.", error);
        }

        if (meta is null)
        {
            throw new InvalidSceneException(
                $"{fileName}: meta.json says version {version?.Version ?? 1} of .sog; version {ReadVersion} is read. Export the scene again.");
        }

        meta.Check(fileName);
        return meta;
    }

    private void Check(string fileName)
    {
        bool fits = Count > 0
            && Means.Mins.Length == 3 && Means.Maxs.Length == 3 && Means.Files.Length == 2
            && Scales.Codebook.Length == CodebookSize && Scales.Files.Length == 1
            && Quats.Files.Length == 1
            && Sh0.Codebook.Length == CodebookSize && Sh0.Files.Length == 1
            && (ShN is null || (ShN.Bands is >= 1 and <= 3 && ShN.Count is >= 1 and <= SogHarmonics.MaxPalette
                && ShN.Codebook.Length == CodebookSize && ShN.Files.Length == 2));
        if (!fits)
        {
            throw new InvalidSceneException(
                $"{fileName}: meta.json does not describe a scene: it needs a positive count, two images and three bounds each for means, "
                + $"codebooks of {CodebookSize} numbers, and for shN 1 to 3 bands, a count of 1 to {SogHarmonics.MaxPalette} and two images.");
        }
    }

    private sealed record SogVersion(int Version = 1);
}

/// <summary>Bounds of sign(x)·log(1+|x|) of the means, and the images of their low and high bytes.</summary>
internal sealed record SogMeans(float[] Mins, float[] Maxs, string[] Files);

/// <summary>Bytes that stand for the numbers of a codebook; null stands for minus infinity, which JSON cannot say.</summary>
internal sealed record SogCoded(float?[] Codebook, string[] Files);

/// <summary>An image without further numbers.</summary>
internal sealed record SogFiles(string[] Files);

/// <summary>A palette of view-dependent colours: an image of the palette, and one of each Gaussian's place in it.</summary>
internal sealed record SogHarmonics(int Count, int Bands, float?[] Codebook, string[] Files)
{
    /// <summary>Places are 16-bit.</summary>
    public const int MaxPalette = 1 << 16;
}
