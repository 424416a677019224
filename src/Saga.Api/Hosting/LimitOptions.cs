using System.Reflection;

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

    /// <exception cref="StartupException">A limit is not positive.</exception>
    public void Check()
    {
        foreach (PropertyInfo limit in typeof(LimitOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            bool mayBeZero = limit.Name.StartsWith("Queued", StringComparison.Ordinal);
            long value = Convert.ToInt64(limit.GetValue(this), System.Globalization.CultureInfo.InvariantCulture);
            if (value < 0 || (value == 0 && !mayBeZero))
            {
                throw new StartupException(
                    $"Saga:Limits:{limit.Name} is {value}; give a {(mayBeZero ? "number from 0" : "positive number")}.");
            }
        }
    }
}
