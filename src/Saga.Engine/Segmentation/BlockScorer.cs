namespace Saga.Engine.Segmentation;

/// <summary>One prompt against one scene: selects any run of blocks, by 8 bits where they decide and by float32 where not.</summary>
internal sealed class BlockScorer
{
    private readonly FeatureBlocks _features;

    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="threshold">Smallest cosine that counts, in [-1, 1].</param>
    public BlockScorer(FeatureBlocks features, GatedQueries queries, float threshold)
    {
        _features = features;
        Queries = queries;
        Threshold = threshold;
        Bounds = FilterBounds.TryCreate(queries, features.PairCount);
        Limits = Bounds is null ? [] : FilterLimits.At(Bounds, threshold);
    }

    /// <summary>The prompt at its scale.</summary>
    public GatedQueries Queries { get; }

    /// <summary>Smallest cosine that counts.</summary>
    public float Threshold { get; }

    /// <summary>The prompt in whole numbers; null where only float32 can tell what it selects.</summary>
    public FilterBounds? Bounds { get; }

    /// <summary>When 8 bits decide, by the number of channels that are off; none without <see cref="Bounds"/>.</summary>
    public FilterLimits[] Limits { get; }

    /// <summary>Number of blocks.</summary>
    public int BlockCount => _features.BlockCount;

    /// <summary>Selects on this thread; any number of threads may.</summary>
    /// <param name="start">The first block.</param>
    /// <param name="selected">Receives 16 bits per block, engine order; padding bits are 0.</param>
    /// <returns>How many blocks needed float32.</returns>
    public int Select(int start, Span<ushort> selected)
    {
        int inexact = SimilarityFilterKernel.RunBlocks(_features, Queries, Bounds, Limits, Threshold, start, selected);
        int used = _features.Count % FeatureBlocks.BlockSize;
        if (used != 0 && start + selected.Length == BlockCount)
        {
            selected[^1] &= (ushort)((1 << used) - 1);
        }

        return inexact;
    }
}
