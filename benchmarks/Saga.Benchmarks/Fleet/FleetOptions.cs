namespace Saga.Benchmarks.Fleet;

/// <summary>How long a piece of work takes around its mean.</summary>
internal enum WorkShape
{
    /// <summary>Always the mean.</summary>
    Constant,

    /// <summary>Exponential: what closed formulas for queues assume.</summary>
    Exponential,

    /// <summary>Log-normal with <see cref="FleetOptions.Variation"/>: prompts differ by what they select and leave undecided.</summary>
    LogNormal,
}

/// <summary>A fleet, its scenes and its load.</summary>
internal sealed record FleetOptions
{
    /// <summary>Machines.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Cores of a machine.</summary>
    public int Cores { get; init; } = 2;

    /// <summary>Bytes of a machine for scenes; default without bound.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Bytes a second in each direction of a machine's line; default without bound.</summary>
    public double LinkBytesPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Seconds of one way between client and machine, and between machines.</summary>
    public double HopSeconds { get; init; }

    /// <summary>Who is asked for, and with it the number of scenes.</summary>
    public ScenePopularity Popularity { get; init; } = ScenePopularity.Zipf(1, 0);

    /// <summary>Bytes of a scene in memory.</summary>
    public long SceneBytes { get; init; }

    /// <summary>Core-seconds of a prompt, HTTP included: of all shards together.</summary>
    public double PromptSeconds { get; init; }

    /// <summary>How <see cref="PromptSeconds"/> varies.</summary>
    public WorkShape Shape { get; init; }

    /// <summary>Standard deviation over mean, for <see cref="WorkShape.LogNormal"/>.</summary>
    public double Variation { get; init; }

    /// <summary>Core-seconds of loading a scene: of all shards together.</summary>
    public double LoadSeconds { get; init; }

    /// <summary>Bytes of a scene's files.</summary>
    public double LoadBytes { get; init; }

    /// <summary>Bytes of a mask.</summary>
    public double MaskBytes { get; init; }

    /// <summary>Shards of a scene; 1 for a scene that is not cut.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Machines that have a shard in memory; only the first that is up is asked.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>Core-seconds of one shard's first phase.</summary>
    public double RaySeconds { get; init; }

    /// <summary>Bytes of one shard's first answer.</summary>
    public double RayBytes { get; init; }

    /// <summary>Core-seconds of the coordinator between the phases.</summary>
    public double MergeSeconds { get; init; }

    /// <summary>Prompts a second, Poisson; or 0 where <see cref="Clients"/> ask.</summary>
    public double PromptsPerSecond { get; init; }

    /// <summary>Clients that each ask again as soon as they are answered.</summary>
    public int Clients { get; init; }

    /// <summary>Prompts that are simulated and counted.</summary>
    public int Prompts { get; init; } = 100_000;

    /// <summary>Prompts before those: they fill queues.</summary>
    public int UncountedPrompts { get; init; }

    /// <summary>Prompts that touch memory without taking time, before the start: they fill memory.</summary>
    public int WarmUpTouches { get; init; }

    /// <summary>Simulated second at which machine 0 dies; none by default.</summary>
    public double FailAt { get; init; } = double.PositiveInfinity;

    /// <summary>Seconds until it is back.</summary>
    public double FailSeconds { get; init; }

    /// <summary>
    /// True: a machine that is back first fetches the scenes that are its own, the most popular first, and is asked only then. False: it is
    /// asked at once, as nginx and the service do today.
    /// </summary>
    public bool ReturnsWarm { get; init; }

    /// <summary>The same seed gives the same result.</summary>
    public long Seed { get; init; }
}
