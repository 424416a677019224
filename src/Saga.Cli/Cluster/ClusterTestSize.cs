namespace Saga.Cli.Cluster;

/// <summary>How much the self-test does.</summary>
/// <param name="Iterations">Of the training whose worker is killed.</param>
/// <param name="KillAt">Iteration from which it may be killed.</param>
/// <param name="Load">How long loads last that nothing else bounds.</param>
/// <param name="Clients">Clients of a load.</param>
public sealed record ClusterTestSize(int Iterations, int KillAt, TimeSpan Load, int Clients)
{
    /// <summary>For people.</summary>
    public static ClusterTestSize Full { get; } = new(300, 60, TimeSpan.FromSeconds(5), 6);

    /// <summary>For the tests of every change.</summary>
    public static ClusterTestSize Brief { get; } = new(80, 20, TimeSpan.FromSeconds(1), 3);
}
