using System.Diagnostics;

namespace Saga.Cli.Cluster.Checks;

/// <summary>What checks share.</summary>
/// <param name="Cluster">The processes.</param>
/// <param name="Client">Speaks to nginx.</param>
/// <param name="Size">How much is done.</param>
public sealed record CheckContext(SagaCluster Cluster, ClusterClient Client, ClusterTestSize Size)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The scene that was trained first.</summary>
    public Guid First { get; set; }

    /// <summary>A trained scene of every node.</summary>
    public IReadOnlyList<TrainedScene> Scenes { get; set; } = [];

    /// <summary>Starts clicking on all scenes.</summary>
    public PromptLoad StartLoad(CancellationToken cancellationToken) => new(Client.Address, Scenes, Size.Clients, cancellationToken);

    /// <summary>Asks until the answer is the right one.</summary>
    /// <exception cref="CheckFailedException">It is not within two minutes.</exception>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancellationToken)
    {
        for (long start = Stopwatch.GetTimestamp(); !await holds(); await Task.Delay(50, cancellationToken))
        {
            CheckFailedException.Unless(
                Stopwatch.GetElapsedTime(start) < Patience, $"After {Patience.TotalSeconds:0} s it is still not so that {what}.");
        }
    }
}
