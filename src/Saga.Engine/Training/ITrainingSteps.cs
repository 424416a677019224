namespace Saga.Engine.Training;

/// <summary>The arithmetic of iterations, on the CPU or on a compute device.</summary>
internal interface ITrainingSteps : IDisposable
{
    /// <summary>One iteration (§6): features, loss, gradients, Adam.</summary>
    /// <param name="rows">Sparse rows of the sampled pixels.</param>
    /// <param name="batch">Their masks and the sampled scales.</param>
    /// <param name="ranks">The drawn neighbour ranks.</param>
    /// <param name="key">Key of the random pair draws.</param>
    /// <param name="iteration">Its number, from 0.</param>
    /// <returns>The loss; where it is not finite nothing useful was changed.</returns>
    LossTerms Step(in PixelRowSlice rows, ContrastiveBatch batch, ReadOnlySpan<int> ranks, ulong key, int iteration);

    /// <summary>Brings the state's arrays up to date with what was computed.</summary>
    void Sync();
}
