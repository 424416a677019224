using Saga.Engine.Scenes;

namespace Saga.Engine.Neighbors;

/// <summary>
/// The graph of a scene's surfaces: an edge joins two Gaussians that are each among the <see cref="RowLength"/> nearest of the other.
/// </summary>
/// <remarks>
/// One direction is not enough: a floater always has nearest ones, however far, but is nobody's neighbour. The rows are found
/// when they are first needed and then kept: 64 bytes a Gaussian that most scenes never need. Safe to share between threads.
/// </remarks>
/// <param name="scene">The scene.</param>
public sealed class NeighborGraph(GaussianScene scene)
{
    /// <summary>Nearest Gaussians of a row, the Gaussian itself included.</summary>
    public const int RowLength = 16;

    private readonly Lock _lock = new();
    private int[]? _rows;

    /// <summary>Bytes that the rows take; 0 until they were needed.</summary>
    public long ByteCount => (_rows?.LongLength ?? 0) * sizeof(int);

    /// <summary>The nearest Gaussians of every Gaussian, engine order, [count, <see cref="RowLength"/>]; edges are mutual rows.</summary>
    /// <param name="maxThreads">Most threads, at least 1, if they must be found; the rows do not depend on it.</param>
    /// <param name="cancellationToken">Stops the work; the next caller starts afresh.</param>
    public int[] Rows(int maxThreads, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _rows ??= NearestNeighbors.Find(scene.Means, RowLength, maxThreads, cancellationToken);
        }
    }
}
