using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>What answering needs to know of a scene: which immutable files it consists of now.</summary>
internal sealed record SceneSnapshot(
    Guid Id,
    int GaussianCount,
    SceneFile? Gaussians,
    SceneFile? Cameras,
    SceneFile? Images,
    SceneFile? Masks,
    SceneFile? Vocabulary,
    string? ModelKey,
    string? ModelSha256)
{
    public static SceneSnapshot From(SceneRecord scene) => new(
        scene.Id,
        scene.GaussianCount,
        File(scene, AssetKind.Gaussians),
        File(scene, AssetKind.Cameras),
        File(scene, AssetKind.Images),
        File(scene, AssetKind.Masks),
        File(scene, AssetKind.Vocabulary),
        scene.ModelKey,
        scene.ModelSha256);

    private static SceneFile? File(SceneRecord scene, AssetKind kind) =>
        scene.Assets.Find(asset => asset.Kind == kind) is { } asset
            ? new SceneFile(asset.Key, asset.FileName, asset.Length, asset.Sha256, asset.CreatedAt)
            : null;
}

/// <summary>One file of a scene.</summary>
/// <param name="Key">Key in the file store; a new upload is a new key.</param>
/// <param name="FileName">Name as uploaded.</param>
internal sealed record SceneFile(string Key, string FileName, long Length, string Sha256, DateTimeOffset CreatedAt)
{
    /// <summary>True for cameras that the service made because none were uploaded.</summary>
    public bool IsOrbit => GeneratedFiles.IsOrbit(Key);
}
