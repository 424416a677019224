using System.Runtime.ExceptionServices;

namespace Saga.Engine.Scenes;

/// <summary>Receives one record of a file.</summary>
/// <param name="fileIndex">Position among the file's Gaussians.</param>
/// <param name="values">
/// The record in <see cref="GaussianValues"/>' order, as stored. The receiver may change it; it is overwritten by the next one.
/// </param>
internal delegate void GaussianRecordAction(int fileIndex, Span<float> values);

/// <summary>The records of an open file of any format, readable as often as needed. Closes the file when disposed.</summary>
/// <param name="count">Records, proven to be there before anything is allocated for them.</param>
/// <param name="shDegree">Degree of the spherical harmonics that are handed over, 0..3.</param>
internal abstract class GaussianSource(int count, int shDegree) : IDisposable
{
    /// <summary>Records, valid or not.</summary>
    public int Count { get; } = count;

    /// <summary>Spherical-harmonics degree, 0..3.</summary>
    public int ShDegree { get; } = shDegree;

    /// <summary>Values of one record.</summary>
    public int ValueCount => GaussianValues.Color + GaussianValues.ColorCount(ShDegree);

    /// <summary>What the scene's owner should know of the file itself; null for nothing.</summary>
    public virtual SceneProblem? Problem => null;

    /// <summary>Records that one call of <see cref="ReadBlock"/> takes at most.</summary>
    protected abstract int RecordsPerBlock { get; }

    /// <summary>Hands over every record once, in any order and from several threads at a time.</summary>
    /// <exception cref="InvalidSceneException">A record is damaged.</exception>
    public virtual void ForEach(GaussianRecordAction action, CancellationToken cancellationToken) =>
        InParallel(action, shapesOnly: false, cancellationToken);

    /// <summary>The same for those who need no colours: records whose colours are all usable may come without them.</summary>
    /// <exception cref="InvalidSceneException">A record is damaged.</exception>
    public virtual void ForEachShape(GaussianRecordAction action, CancellationToken cancellationToken) =>
        InParallel(action, shapesOnly: true, cancellationToken);

    /// <summary>Hands over every record once, ascending, from this thread.</summary>
    /// <exception cref="InvalidSceneException">A record is damaged.</exception>
    public virtual void ForEachInOrder(GaussianRecordAction action, CancellationToken cancellationToken)
    {
        for (int first = 0; first < Count; first += Math.Min(RecordsPerBlock, Count - first))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadBlock(first, Math.Min(RecordsPerBlock, Count - first), action, shapesOnly: false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Hands over some records, ascending. Called by several threads at a time.</summary>
    /// <param name="first">First record.</param>
    /// <param name="count">How many, at most <see cref="RecordsPerBlock"/>.</param>
    /// <param name="action">Takes them.</param>
    /// <param name="shapesOnly">Colours may be left out where they are known to be usable.</param>
    protected abstract void ReadBlock(int first, int count, GaussianRecordAction action, bool shapesOnly);

    private void InParallel(GaussianRecordAction action, bool shapesOnly, CancellationToken cancellationToken)
    {
        int perBlock = RecordsPerBlock;
        int blocks = (int)(((long)Count + perBlock - 1) / perBlock);
        try
        {
            Parallel.For(0, blocks, new ParallelOptions { CancellationToken = cancellationToken }, block =>
            {
                int first = block * perBlock;
                ReadBlock(first, Math.Min(perBlock, Count - first), action, shapesOnly);
            });
        }
        catch (AggregateException error)
        {
            // The threads meet the same damage; one of their reasons is the reason.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
