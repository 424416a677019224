using System.Reflection;
using Saga.Engine.Segmentation;
using Saga.Persistence.Scenes;

namespace Saga.Api.Hosting;

/// <summary>What a request may ask for, <c>Saga:Limits</c>. Defaults fit scenes of tens of millions of Gaussians.</summary>
internal sealed record LimitOptions
{
    private const long GiB = 1L << 30;

    /// <summary>Largest Gaussian file.</summary>
    public long MaxGaussiansBytes { get; init; } = 8 * GiB;

    /// <summary>Largest camera file.</summary>
    public long MaxCamerasBytes { get; init; } = GiB;

    /// <summary>Largest zip of photos.</summary>
    public long MaxImagesBytes { get; init; } = 32 * GiB;

    /// <summary>Largest zip of masks.</summary>
    public long MaxMasksBytes { get; init; } = 8 * GiB;

    /// <summary>Largest model file.</summary>
    public long MaxModelBytes { get; init; } = 8 * GiB;

    /// <summary>Gaussians of a scene; the engine's arrays end at 33 million of 64 channels, 67 million of 32.</summary>
    public int MaxGaussians { get; init; } = 30_000_000;

    /// <summary>Views of a scene; the engine itself reads no more than the default.</summary>
    public int MaxViews { get; init; } = 100_000;

    /// <summary>Uploaded masks of a scene.</summary>
    public int MaxMasks { get; init; } = 10_000_000;

    /// <summary>Selections kept of a scene; each holds a bit per Gaussian and its revisions.</summary>
    public int MaxSelectionsPerScene { get; init; } = 1000;

    /// <summary>Points of a prompt; the engine itself takes no more than the default.</summary>
    public int MaxPoints { get; init; } = PromptSegmenter.MaxPoints;

    /// <summary>Bytes of the disk that uploads leave free, for the database, checkpoints and models; 0 fills it to the end.</summary>
    public long MinFreeBytes { get; init; } = GiB;

    /// <summary>Resumable uploads that may be unfinished, or wait for their scene, at a time.</summary>
    public int MaxOpenUploads { get; init; } = 1000;

    /// <summary>How long a resumable upload is kept after its last byte.</summary>
    public int UploadExpirySeconds { get; init; } = 24 * 60 * 60;

    /// <summary>Largest JSON body of a selection: 10 million indices still fit. Every other JSON body is at most 1 MiB.</summary>
    public long MaxJsonBytes { get; init; } = 96L << 20;

    /// <summary>Most pixels of a rendered picture: 4096 × 4096.</summary>
    public int MaxPicturePixels { get; init; } = 1 << 24;

    /// <summary>Prompts computed at once: one alone uses every core, in company each uses its share.</summary>
    public int ConcurrentPrompts { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Prompts that may wait their turn before further ones are answered 503.</summary>
    public int QueuedPrompts { get; init; } = 128;

    /// <summary>Pictures rendered at once; the rasteriser itself uses every core.</summary>
    public int ConcurrentPictures { get; init; } = 2;

    /// <summary>Pictures that may wait their turn before further ones are answered 503.</summary>
    public int QueuedPictures { get; init; } = 32;

    /// <summary>Scenes taken apart at once; half of the work keeps one core busy.</summary>
    public int ConcurrentDecompositions { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Decompositions that may wait their turn before further ones are answered 503.</summary>
    public int QueuedDecompositions { get; init; } = 16;

    /// <summary>Uploads checked at once; checking a file may take as much memory as the file.</summary>
    public int ConcurrentUploads { get; init; } = 4;

    /// <summary>Uploads that may wait their turn.</summary>
    public int QueuedUploads { get; init; } = 32;

    /// <summary>How long a request other than an upload or a download may take.</summary>
    public int RequestTimeoutSeconds { get; init; } = 60;

    /// <summary>Largest file of a kind.</summary>
    public long MaxBytes(AssetKind kind) => kind switch
    {
        AssetKind.Gaussians => MaxGaussiansBytes,
        AssetKind.Cameras => MaxCamerasBytes,
        AssetKind.Images => MaxImagesBytes,
        AssetKind.Masks => MaxMasksBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <exception cref="StartupException">A limit is not positive.</exception>
    public void Check()
    {
        foreach (PropertyInfo limit in typeof(LimitOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            bool mayBeZero = limit.Name.StartsWith("Queued", StringComparison.Ordinal) || limit.Name == nameof(MinFreeBytes);
            long value = Convert.ToInt64(limit.GetValue(this), System.Globalization.CultureInfo.InvariantCulture);
            if (value < 0 || (value == 0 && !mayBeZero))
            {
                throw new StartupException(
                    $"Saga:Limits:{limit.Name} is {value}; give a {(mayBeZero ? "number from 0" : "positive number")}.");
            }
        }
    }
}
