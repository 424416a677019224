namespace Saga.Engine.Segmentation;

/// <summary>One prompt against one scene: selects any run of blocks, by 8 bits where they decide and by float32 where not.</summary>
internal sealed class BlockScorer
{
    private readonly FeatureBlocks _features;
    private readonly GatedQueries _queries;
    private readonly float _threshold;
    private readonly FilterBounds? _bounds;
    private readonly FilterLimits[] _limits = [];

    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="threshold">Smallest cosine that counts, in [-1, 1].</param>
    public BlockScorer(FeatureBlocks features, GatedQueries queries, float threshold)
    {
        _features = features;
        _queries = queries;
        _threshold = threshold;
        _bounds = FilterBounds.TryCreate(queries, features.PairCount);
        if (_bounds is not null)
        {
            _limits = FilterLimits.At(_bounds, threshold);
        }
    }

    /// <summary>Number of blocks.</summary>
    public int BlockCount => _features.BlockCount;

    /// <summary>Selects on this thread; any number of threads may.</summary>
    /// <param name="start">The first block.</param>
    /// <param name="selected">Receives 16 bits per block, engine order; padding bits are 0.</param>
    /// <returns>How many blocks needed float32.</returns>
    public int Select(int start, Span<ushort> selected)
    {
        int inexact = SimilarityFilterKernel.RunBlocks(_features, _queries, _bounds, _limits, _threshold, start, selected);
        int used = _features.Count % FeatureBlocks.BlockSize;
        if (used != 0 && start + selected.Length == BlockCount)
        {
            selected[^1] &= (ushort)((1 << used) - 1);
        }

        return inexact;
    }
}
