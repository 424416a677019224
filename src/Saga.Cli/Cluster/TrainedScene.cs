namespace Saga.Cli.Cluster;

/// <summary>A trained copy of the sample.</summary>
/// <param name="Id">The scene.</param>
/// <param name="Node">The node that nginx gives it to while all run.</param>
/// <param name="Mask">The answer to the click of <see cref="ClusterClient.PromptAsync"/>, from whichever node.</param>
public sealed record TrainedScene(Guid Id, string Node, byte[] Mask);
