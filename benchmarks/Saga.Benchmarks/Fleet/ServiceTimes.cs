namespace Saga.Benchmarks.Fleet;

/// <summary>What one core of one machine needs: the simulation's only knowledge of the engine. Core-seconds are processor time.</summary>
internal sealed record ServiceTimes
{
    /// <summary>A prompt in the engine, whatever the number of Gaussians.</summary>
    public required double PromptSeconds { get; init; }

    /// <summary>A prompt in the engine, for every Gaussian.</summary>
    public required double PromptSecondsPerGaussian { get; init; }

    /// <summary>Standard deviation over mean, between prompts on one scene.</summary>
    public required double PromptVariation { get; init; }

    /// <summary>A request around the engine, both ends: what <c>bench http</c> takes over the engine at the smallest size.</summary>
    public required double RequestSeconds { get; init; }

    /// <summary>Loading a scene, for every Gaussian.</summary>
    public required double LoadSecondsPerGaussian { get; init; }

    /// <summary>A shard's part of a ray.</summary>
    public required double RaySeconds { get; init; }

    /// <summary>Bytes of a shard's part of a ray, on average over the shards.</summary>
    public required double RayBytes { get; init; }

    /// <summary>Blending the parts.</summary>
    public required double MergeSeconds { get; init; }

    /// <summary>Memory of a Gaussian.</summary>
    public required double MemoryBytes { get; init; }

    /// <summary>Files of a Gaussian: its record of degree 3 and its features.</summary>
    public required double FileBytes { get; init; }

    /// <summary>A mask as runs along the Morton order, for every Gaussian selected; as bits it is 1/8 for each there is.</summary>
    public required double RunBytesPerSelected { get; init; }

    /// <summary>What <c>docs/scaling.md</c> was written with: its tables can be made again anywhere. Rays are of a later run.</summary>
    public static ServiceTimes Recorded { get; } = new()
    {
        PromptSeconds = 0.028e-3,
        PromptSecondsPerGaussian = 2.70e-9,
        PromptVariation = 0.24,
        RequestSeconds = 0.31e-3,
        LoadSecondsPerGaussian = 708e-9,
        RaySeconds = 0.005e-3,
        RayBytes = 163,
        MergeSeconds = 0.128e-3,
        MemoryBytes = 118.7,
        FileBytes = 376,
        RunBytesPerSelected = 0.049,
    };

    /// <summary>Core-seconds of a prompt over a whole scene, the request included.</summary>
    public double WholePrompt(long gaussians) => RequestSeconds + PromptSeconds + PromptSecondsPerGaussian * gaussians;

    /// <summary>Core-seconds of the second phase of a prompt, of all shards together: each is a request.</summary>
    public double ShardedPrompt(long gaussians, int shards) =>
        shards * (RequestSeconds + PromptSeconds) + PromptSecondsPerGaussian * gaussians;

    /// <summary>The times as rows of a table.</summary>
    public string ToMarkdown() => string.Join('\n',
        "| one core | figure |",
        "|---|---|",
        Row("prompt in the engine, ms + ns a Gaussian", $"{PromptSeconds * 1e3:0.000} + {PromptSecondsPerGaussian * 1e9:0.00}"),
        Row("between prompts on one scene, standard deviation over mean", $"{PromptVariation:0.00}"),
        Row("request around it, ms (given)", $"{RequestSeconds * 1e3:0.00}"),
        Row("loading, ns a Gaussian", $"{LoadSecondsPerGaussian * 1e9:0}"),
        Row("shard's part of a ray, ms; bytes", $"{RaySeconds * 1e3:0.000}; {RayBytes:0}"),
        Row("blending the parts, ms", $"{MergeSeconds * 1e3:0.000}"),
        Row("memory, bytes a Gaussian", $"{MemoryBytes:0.0}"),
        Row("files, bytes a Gaussian", $"{FileBytes:0}"),
        Row("mask as runs, bytes a selected Gaussian", $"{RunBytesPerSelected:0.000}"),
        "");

    private static string Row(string what, FormattableString figure) => $"| {what} | {FormattableString.Invariant(figure)} |";
}
