namespace Saga.Persistence.Scenes;

/// <summary>Life of a scene, as the HTTP contract names it.</summary>
public enum SceneState
{
    /// <summary>Has no Gaussians yet.</summary>
    Empty,

    /// <summary>Has Gaussians and no model.</summary>
    Uploaded,

    /// <summary>A training job is queued or running.</summary>
    Training,

    /// <summary>Has a model.</summary>
    Ready,

    /// <summary>The last training failed and there is no earlier model.</summary>
    Failed,
}

/// <summary>One scene. Its files are <see cref="Assets"/>; its trained model is named by <see cref="ModelKey"/>.</summary>
public sealed class SceneRecord
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public SceneState State { get; set; }

    /// <summary>Records in the Gaussian file, valid or not.</summary>
    public int GaussianCount { get; set; }

    public int ViewCount { get; set; }

    public int MaskCount { get; set; }

    /// <summary>JSON {min:[3], max:[3]} or null.</summary>
    public string? BoundsJson { get; set; }

    /// <summary>JSON array of {code, detail}.</summary>
    public string ProblemsJson { get; set; } = "[]";

    /// <summary>JSON of the contract's <c>model</c> object, or null while untrained.</summary>
    public string? ModelJson { get; set; }

    /// <summary>Key of the current model in the file store; a new version is a new key, swapped in one update.</summary>
    public string? ModelKey { get; set; }

    public string? ModelSha256 { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Incremented by every write; guards against lost updates.</summary>
    public long Version { get; set; }

    /// <summary>Incremented with every change of the scene's selections; a page that knows another number reads them again.</summary>
    public long SelectionsVersion { get; set; }

    /// <summary>The API key that made it; null where none was needed.</summary>
    public string? OwnerKeyId { get; set; }

    public List<AssetRecord> Assets { get; set; } = [];
}

/// <summary>What a file is to its scene.</summary>
public enum AssetKind
{
    Gaussians,
    Cameras,
    Images,
    Masks,

    /// <summary>Made by a job: what the scene's masks look like to CLIP.</summary>
    Vocabulary,
}

/// <summary>One uploaded, checked file, or one that a job made. A scene has at most one of each kind.</summary>
public sealed class AssetRecord
{
    public Guid Id { get; set; }

    public Guid SceneId { get; set; }

    public AssetKind Kind { get; set; }

    /// <summary>Key in the file store.</summary>
    public string Key { get; set; } = "";

    /// <summary>Name as uploaded, for its extension and for people.</summary>
    public string FileName { get; set; } = "";

    public long Length { get; set; }

    public string Sha256 { get; set; } = "";

    /// <summary>The API key that brought it, perhaps into the scene of another; null where none was needed.</summary>
    public string? OwnerKeyId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
