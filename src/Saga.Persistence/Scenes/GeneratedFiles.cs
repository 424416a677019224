namespace Saga.Persistence.Scenes;

/// <summary>Where the files of a scene lie that the service makes itself.</summary>
public static class GeneratedFiles
{
    /// <summary>The name of cameras that were made because none were uploaded.</summary>
    public const string OrbitFileName = "orbit.json";

    private const string OrbitMark = "/orbit-";

    /// <summary>Enough of a hash to tell the files of a scene apart.</summary>
    private const int HashLength = 32;

    /// <summary>Key of cameras that were made because none were uploaded; uploaded ones take their place.</summary>
    public static string OrbitKeyOf(Guid sceneId, Guid assetId) => $"scenes/{sceneId}{OrbitMark}{assetId}.json";

    /// <summary>True when the asset was made and not uploaded.</summary>
    public static bool IsOrbit(AssetRecord asset) => IsOrbit(asset.Key);

    /// <summary>True when the key is one of <see cref="OrbitKeyOf"/>'s.</summary>
    public static bool IsOrbit(string key) => key.Contains(OrbitMark, StringComparison.Ordinal);

    /// <summary>
    /// Folder of the masks that were made of a scene: one file per view and generator, named by what decides its content. It is kept
    /// for as long as the scene has these Gaussians, and goes with the scene.
    /// </summary>
    public static string MaskFolderOf(Guid sceneId, string gaussiansSha256) =>
        $"scenes/{sceneId}/made-masks/{gaussiansSha256[..Math.Min(HashLength, gaussiansSha256.Length)]}";
}
