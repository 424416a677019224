namespace Saga.Benchmarks.Fleet;

/// <summary>The fleets of <c>docs/scaling.md</c>.</summary>
internal sealed class FleetScenarios(ServiceTimes times, long seed)
{
    /// <summary>Cores of the assumed machines.</summary>
    public const int Cores = 8;

    /// <summary>Memory of the assumed machines, GiB.</summary>
    public const int MemoryGib = 64;

    /// <summary>Memory of those with much of it, GiB.</summary>
    private const int LargeMemoryGib = 256;

    // Not for scenes: the runtime, what the collector has not yet taken back, pictures.
    private const int OtherGib = 12;

    // 10 Gbit/s, and a quarter of a millisecond one way within a data centre.
    private const double LinkBytes = 1.25e9;
    private const double HopSeconds = 0.25e-3;

    private const int ManyScenes = 10_000;
    private const long ManyGaussians = 1_000_000;
    private const double ZipfExponent = 0.8;

    private const double ImageSecondsPerGaussian = 100e-9;

    private const long OneGaussians = 1_000_000_000;
    private const int MostShards = 640;
    private const long Object = 1_000_000;

    // What the synthetic model selects on average.
    private const long Seventh = OneGaussians / 7;

    private static readonly (int Nodes, int Gib)[] MachinesTried =
        [(6, MemoryGib), (12, MemoryGib), (18, MemoryGib), (24, MemoryGib), (28, MemoryGib), (7, LargeMemoryGib)];

    /// <summary>10,000 scenes of a million Gaussians at 1,000 prompts a second, with more or fewer machines.</summary>
    public IEnumerable<FleetScenario> ManyAtSeveralSizes() =>
        MachinesTried.Select(machines => Many(machines.Nodes, machines.Gib)).Append(AsInMemory(Many(18, MemoryGib)));

    /// <summary>A scene of a billion Gaussians, with several fleets and loads.</summary>
    public IEnumerable<FleetScenario> OneAtSeveralSizes() =>
    [
        One(4, 1, 1, Object),
        One(8, 5, 1, Object),
        One(16, 10, 1, Object),
        One(16, 10, 1, Seventh),
        One(16, 10, 1, null),
        One(16, 10, 2, Object),
        HalfAsFast(One(16, 10, 2, Object)),
        One(32, 40, 2, Object),
        One(MostShards, 1000, 2, Object),
    ];

    /// <summary>Fleets of which a machine dies for a minute: many scenes; one of a billion with one and with two copies.</summary>
    public IEnumerable<FleetScenario> WithAFailure() =>
    [
        Failing(Many(28, MemoryGib), returnsWarm: false),
        Failing(Many(28, MemoryGib), returnsWarm: true),
        Failing(Many(7, LargeMemoryGib), returnsWarm: false),
        Failing(Many(7, LargeMemoryGib), returnsWarm: true),
        Failing(AsInMemory(Many(7, LargeMemoryGib)), returnsWarm: true),
        Failing(One(16, 10, 1, Object), returnsWarm: false),
        Failing(One(16, 10, 2, Object), returnsWarm: false),
    ];

    // Files that are what is in memory: nothing to parse or sort, a copy and a checksum. Assumed, not measured.
    private FleetScenario AsInMemory(FleetScenario scenario) => scenario with
    {
        Name = scenario.Name + ", files as in memory",
        Options = scenario.Options with
        {
            LoadBytes = times.MemoryBytes * ManyGaussians,
            LoadSeconds = ImageSecondsPerGaussian * ManyGaussians,
        },
    };

    // All cores of a machine read the same memory, which may not have the bandwidth for all of them.
    private static FleetScenario HalfAsFast(FleetScenario scenario) => scenario with
    {
        Name = scenario.Name + ", cores half as fast",
        Options = scenario.Options with { PromptSeconds = 2 * scenario.Options.PromptSeconds },
    };

    private static FleetScenario Failing(FleetScenario scenario, bool returnsWarm) => scenario with
    {
        Name = $"{scenario.Name}, {scenario.Options.Nodes} machines{(returnsWarm ? ", fetches before it is asked" : "")}",
        Options = scenario.Options with
        {
            FailAt = 60,
            FailSeconds = 60,
            ReturnsWarm = returnsWarm,
            Prompts = (int)(300 * scenario.Options.PromptsPerSecond),
        },
    };

    private FleetScenario Many(int nodes, int gib) => new("10,000 × 1 M", gib, FileBytesOf(ManyGaussians) * ManyScenes, new FleetOptions
    {
        Nodes = nodes,
        Cores = Cores,
        MemoryBytes = (long)(gib - OtherGib) << 30,
        LinkBytesPerSecond = LinkBytes,
        HopSeconds = HopSeconds,
        Popularity = ScenePopularity.Zipf(ManyScenes, ZipfExponent),
        SceneBytes = (long)(times.MemoryBytes * ManyGaussians),
        PromptSeconds = times.WholePrompt(ManyGaussians),
        Shape = WorkShape.LogNormal,
        Variation = times.PromptVariation,
        LoadSeconds = times.LoadSecondsPerGaussian * ManyGaussians,
        LoadBytes = FileBytesOf(ManyGaussians),
        MaskBytes = ManyGaussians / 8.0,
        PromptsPerSecond = 1000,
        UncountedPrompts = 20_000,
        Prompts = 120_000,
        WarmUpTouches = 1_000_000,
        Seed = seed,
    });

    private double FileBytesOf(long gaussians) => times.FileBytes * gaussians;

    // A shard a core, until shards are so small that the requests outweigh them. selected: null for masks as bits.
    private FleetScenario One(int nodes, double promptsPerSecond, int copies, long? selected)
    {
        int shards = Math.Min(nodes * Cores, MostShards);
        string mask = selected switch
        {
            null => "masks as bits",
            Object => "1 M selected",
            _ => "a seventh selected",
        };
        string name = $"1 × 1 G, {shards} shards, {mask}, {copies} {(copies == 1 ? "copy" : "copies")}";
        return new FleetScenario(name, MemoryGib, FileBytesOf(OneGaussians), new FleetOptions
        {
            Nodes = nodes,
            Cores = Cores,
            MemoryBytes = (long)(MemoryGib - OtherGib) << 30,
            LinkBytesPerSecond = LinkBytes,
            HopSeconds = HopSeconds,
            SceneBytes = (long)(times.MemoryBytes * OneGaussians),
            PromptSeconds = times.ShardedPrompt(OneGaussians, shards),
            Shape = WorkShape.LogNormal,
            Variation = times.PromptVariation,
            LoadSeconds = times.LoadSecondsPerGaussian * OneGaussians,
            LoadBytes = FileBytesOf(OneGaussians),
            MaskBytes = selected is { } count ? count * times.RunBytesPerSelected : OneGaussians / 8.0,
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
        });
    }
}

/// <summary>A fleet with a name.</summary>
/// <param name="Name">Its scenes.</param>
/// <param name="MemoryGib">Memory of a machine.</param>
/// <param name="FileBytes">What its scenes take in the file store.</param>
/// <param name="Options">The fleet.</param>
internal sealed record FleetScenario(string Name, int MemoryGib, double FileBytes, FleetOptions Options);
