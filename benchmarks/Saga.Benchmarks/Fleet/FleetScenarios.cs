namespace Saga.Benchmarks.Fleet;

/// <summary>The fleets of <c>docs/scaling.md</c>.</summary>
internal sealed class FleetScenarios(ServiceTimes times, long seed)
{
    /// <summary>Cores of the assumed machine.</summary>
    public const int Cores = 8;

    /// <summary>Its memory, GiB.</summary>
    public const int MemoryGib = 64;

    // The rest is for the runtime, what the collector has not yet taken back, and pictures.
    private const int SceneGib = 52;

    // 10 Gbit/s, and a quarter of a millisecond one way within a data centre.
    private const double LinkBytes = 1.25e9;
    private const double HopSeconds = 0.25e-3;

    private static readonly int[] MachinesTried = [6, 12, 18, 24, 28, 32];

    private const int ManyScenes = 10_000;
    private const long ManyGaussians = 1_000_000;
    private const double ZipfExponent = 0.8;
    private const long OneGaussians = 1_000_000_000;

    /// <summary>10,000 scenes of a million Gaussians at 1,000 prompts a second, with more or fewer machines.</summary>
    public IEnumerable<FleetScenario> ManyAtSeveralSizes() => MachinesTried.Select(Many);

    /// <summary>The same when a machine dies for a minute.</summary>
    public FleetScenario ManyWithAFailure() => Many(32) with
    {
        Name = "10,000 × 1 M, machine dead from 60 to 120 s",
        Options = Many(32).Options with { Prompts = 180_000, FailAt = 60, FailSeconds = 60 },
    };

    /// <summary>A scene of a billion Gaussians, with several fleets and loads.</summary>
    public IEnumerable<FleetScenario> OneAtSeveralSizes() =>
    [
        One(4, 1, 1, asRuns: true),
        One(8, 5, 1, asRuns: true),
        One(16, 10, 1, asRuns: true),
        One(16, 10, 1, asRuns: false),
        One(16, 20, 2, asRuns: true),
        One(32, 40, 2, asRuns: true),
        One(640, 1000, 1, asRuns: true),
    ];

    /// <summary>A scene of a billion when a machine dies for a minute, without and with a second copy of each shard.</summary>
    public IEnumerable<FleetScenario> OneWithAFailure() => Enumerable.Range(1, 2).Select(copies => One(16, 10, copies, asRuns: true) with
    {
        Name = $"1 × 1 G, {copies} {(copies == 1 ? "copy" : "copies")}, machine dead from 60 to 120 s",
        Options = One(16, 10, copies, asRuns: true).Options with { Prompts = 1800, FailAt = 60, FailSeconds = 60 },
    });

    private FleetScenario Many(int nodes) => new("10,000 × 1 M", new FleetOptions
    {
        Nodes = nodes,
        Cores = Cores,
        MemoryBytes = (long)SceneGib << 30,
        LinkBytesPerSecond = LinkBytes,
        HopSeconds = HopSeconds,
        Popularity = ScenePopularity.Zipf(ManyScenes, ZipfExponent),
        SceneBytes = (long)(times.MemoryBytes * ManyGaussians),
        PromptSeconds = times.WholePrompt(ManyGaussians),
        Shape = WorkShape.LogNormal,
        Variation = times.PromptVariation,
        LoadSeconds = times.LoadSecondsPerGaussian * ManyGaussians,
        LoadBytes = times.FileBytes * ManyGaussians,
        MaskBytes = ManyGaussians / 8.0,
        PromptsPerSecond = 1000,
        UncountedPrompts = 20_000,
        Prompts = 120_000,
        WarmUpTouches = 1_000_000,
        Seed = seed,
    }, times.FileBytes * ManyGaussians * ManyScenes);

    // A shard a core, until shards are so small that the requests outweigh them.
    private FleetScenario One(int nodes, double promptsPerSecond, int copies, bool asRuns)
    {
        int shards = Math.Min(nodes * Cores, 640);
        return new($"1 × 1 G, {shards} shards, masks as {(asRuns ? "runs" : "bits")}, {copies} {(copies == 1 ? "copy" : "copies")}", new FleetOptions
        {
            Nodes = nodes,
            Cores = Cores,
            MemoryBytes = (long)SceneGib << 30,
            LinkBytesPerSecond = LinkBytes,
            HopSeconds = HopSeconds,
            SceneBytes = (long)(times.MemoryBytes * OneGaussians),
            PromptSeconds = times.ShardedPrompt(OneGaussians, shards),
            Shape = WorkShape.LogNormal,
            Variation = times.PromptVariation,
            LoadSeconds = times.LoadSecondsPerGaussian * OneGaussians,
            LoadBytes = times.FileBytes * OneGaussians,
            MaskBytes = OneGaussians * (asRuns ? times.RunBytes : 0.125),
            Shards = shards,
            Copies = copies,
            RaySeconds = times.RequestSeconds + times.RaySeconds,
            RayBytes = times.RayBytes,
            MergeSeconds = times.MergeSeconds,
            PromptsPerSecond = promptsPerSecond,
            UncountedPrompts = 100,
            Prompts = 2000,
            WarmUpTouches = 1,
            Seed = seed,
        }, times.FileBytes * OneGaussians);
    }
}

/// <summary>A fleet with a name and what its scenes take in the file store.</summary>
internal sealed record FleetScenario(string Name, FleetOptions Options, double FileBytes);
