using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>Where a scene's files lie in the store. Every upload gets a key of its own, so files never change.</summary>
internal static class SceneFiles
{
    private const int MaxNameLength = 120;

    public static string FolderOf(Guid sceneId) => $"scenes/{sceneId}";

    public static string KeyOf(Guid sceneId, AssetKind kind, Guid assetId, string extension) =>
        $"{FolderOf(sceneId)}/{NameOf(kind)}-{assetId}{extension}";

    /// <summary>What people upload; the rest a job makes.</summary>
    public static readonly AssetKind[] UploadedKinds = [AssetKind.Gaussians, AssetKind.Cameras, AssetKind.Images, AssetKind.Masks];

    /// <summary>A kind as the contract spells it.</summary>
    public static string NameOf(AssetKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The kind of that name; null for any other text.</summary>
    public static AssetKind? KindOf(string name) => name switch
    {
        "gaussians" => AssetKind.Gaussians,
        "cameras" => AssetKind.Cameras,
        "images" => AssetKind.Images,
        "masks" => AssetKind.Masks,
        _ => null,
    };

    public static string ModelKeyOf(Guid sceneId) => $"{FolderOf(sceneId)}/model-{Guid.CreateVersion7()}.saga";

    /// <summary>A client's file name as we keep it: its last part, printable, not too long; never used as a path.</summary>
    public static string CleanName(string? fileName, string fallback)
    {
        string last = (fileName ?? "")[((fileName ?? "").LastIndexOfAny(['/', '\\']) + 1)..];
        string clean = new([.. last.Where(c => !char.IsControl(c) && !char.IsSurrogate(c) && c is not ('"' or '<' or '>' or ':' or '|' or '?' or '*'))]);
        clean = clean.Trim(' ', '.');
        if (clean.Length > MaxNameLength)
        {
            // The end holds the extension.
            clean = clean[^MaxNameLength..];
        }

        return clean.Length == 0 ? fallback : clean;
    }
}
