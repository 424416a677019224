using System.Numerics;
using Saga.Engine.Affinity;
using Saga.Engine.Numerics;
using Saga.Engine.Segmentation;

namespace Saga.Engine.OpenVocabulary;

/// <summary>
/// The vote graph of §9: which of some anchor Gaussians each mask's feature selects, as bits, and the distance 1 − IoU between two masks' votes.
/// </summary>
/// <remarks>
/// Masks of one thing, from whatever view, vote for the same anchors. Anchors keep the order along the Morton curve, so the votes of
/// a thing are a few runs of words, and two masks are compared over the words that both use. Distances are made when asked for:
/// 30,000 masks and 10,000 anchors are 38 MB of bits, where their distances would be 3.6 GB.
/// </remarks>
internal sealed class AnchorVotes
{
    /// <summary>Smallest cosine between an anchor's gated feature and the mask's that is a vote.</summary>
    public const float MinCosine = 0.5f;

    private const int AnchorPurpose = 8;

    private const double AnchorShare = 0.01;

    // Below, a thing would have no anchor; above, more anchors tell no more.
    private const int FewestAnchors = 2048;
    private const int MostAnchors = 16384;

    private readonly int _words;
    private readonly ulong[] _bits;
    private readonly int[] _counts;
    private readonly (int First, int End)[] _used;

    private AnchorVotes(int masks, int words)
    {
        _words = words;
        _bits = new ulong[checked(masks * words)];
        _counts = new int[masks];
        _used = new (int, int)[masks];
    }

    /// <summary>Number of masks.</summary>
    public int Count => _counts.Length;

    /// <summary>Bytes that the votes take.</summary>
    public long ByteCount => sizeof(ulong) * _bits.LongLength;

    /// <summary>Lets every mask vote.</summary>
    /// <param name="model">The model.</param>
    /// <param name="quantiles">Scale of each mask, [masks].</param>
    /// <param name="queries">Raw feature of each mask, [masks, dimension].</param>
    /// <param name="seed">Which Gaussians are anchors.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static AnchorVotes Cast(
        AffinityModel model, float[] quantiles, float[] queries, long seed, CancellationToken cancellationToken)
    {
        FeatureBlocks anchors = Draw(model, seed);
        var votes = new AnchorVotes(quantiles.Length, (anchors.BlockCount + 3) / 4);
        Parallel.For(0, quantiles.Length, new ParallelOptions { CancellationToken = cancellationToken }, mask =>
        {
            float[] query = queries[(mask * model.Dimension)..((mask + 1) * model.Dimension)];
            GatedQueries gated = GatedQueries.At(model.Gate, quantiles[mask], [new QueryFeature(query, 1, 0, [])], []);
            ushort[] selected = new ushort[anchors.BlockCount];
            new BlockScorer(anchors, gated, MinCosine).Select(0, selected);
            votes.Set(mask, selected);
        });
        return votes;
    }

    /// <summary>1 − IoU of two masks' votes; masks that nobody votes for are at distance 1 from all.</summary>
    public float Distance(int a, int b)
    {
        int first = Math.Max(_used[a].First, _used[b].First);
        int end = Math.Min(_used[a].End, _used[b].End);
        ReadOnlySpan<ulong> left = _bits.AsSpan(a * _words, _words);
        ReadOnlySpan<ulong> right = _bits.AsSpan(b * _words, _words);
        int both = 0;
        for (int w = first; w < end; w++)
        {
            both += BitOperations.PopCount(left[w] & right[w]);
        }

        return both == 0 ? 1 : 1 - (float)both / (_counts[a] + _counts[b] - both);
    }

    /// <summary>Number of anchors that a mask votes for.</summary>
    public int VotesOf(int mask) => _counts[mask];

    // One anchor from each of equally long runs of the Morton curve: spread over the scene, and in its order.
    private static FeatureBlocks Draw(AffinityModel model, long seed)
    {
        int count = Math.Min(model.Count, Math.Clamp((int)(AnchorShare * model.Count), FewestAnchors, MostAnchors));
        var blocks = new FeatureBlocks(count, model.Dimension);
        var random = new CounterRandom(seed, AnchorPurpose, 0);
        for (int i = 0; i < count; i++)
        {
            int start = (int)((long)i * model.Count / count);
            int end = (int)((long)(i + 1) * model.Count / count);
            int anchor = start + random.Next(end - start);
            blocks.Set(i, model.Features.AsSpan(anchor * model.Dimension, model.Dimension));
        }

        return blocks;
    }

    private void Set(int mask, ReadOnlySpan<ushort> selected)
    {
        Span<ulong> bits = _bits.AsSpan(mask * _words, _words);
        for (int block = 0; block < selected.Length; block++)
        {
            bits[block / 4] |= (ulong)selected[block] << (16 * (block % 4));
            _counts[mask] += BitOperations.PopCount(selected[block]);
        }

        int first = bits.IndexOfAnyExcept(0UL);
        _used[mask] = first < 0 ? (0, 0) : (first, bits.LastIndexOfAnyExcept(0UL) + 1);
    }
}
