using Saga.Engine.Affinity;

namespace Saga.Engine.Segmentation;

/// <summary>Affinity features laid out for scoring all Gaussians: blocks of 16, channel-major.</summary>
/// <remarks>
/// [block, dimension, 16] in engine order, so that one 512-bit load is one channel of 16 Gaussians and scoring reads memory
/// once, in order. The last block is padded with zeros, which score 0.
/// </remarks>
public sealed class FeatureBlocks
{
    /// <summary>Gaussians of a block.</summary>
    public const int BlockSize = 16;

    private FeatureBlocks(int count, int dimension)
    {
        Count = count;
        Dimension = dimension;
        Values = new float[checked(BlockCount * BlockFloats)];
    }

    /// <summary>Number of Gaussians.</summary>
    public int Count { get; }

    /// <summary>Channels of a feature.</summary>
    public int Dimension { get; }

    /// <summary>Number of blocks, ⌈Count / 16⌉.</summary>
    public int BlockCount => (Count + BlockSize - 1) / BlockSize;

    /// <summary>Floats of a block.</summary>
    public int BlockFloats => Dimension * BlockSize;

    /// <summary>The features, [BlockCount, Dimension, 16].</summary>
    internal float[] Values { get; }

    /// <summary>Lays out the features of a model. The model's own array is not needed afterwards.</summary>
    public static FeatureBlocks From(AffinityModel model)
    {
        var blocks = new FeatureBlocks(model.Count, model.Dimension);
        float[] features = model.Features;
        int dimension = model.Dimension;
        Parallel.For(0, blocks.BlockCount, block =>
        {
            Span<float> values = blocks.Values.AsSpan(block * blocks.BlockFloats, blocks.BlockFloats);
            int lanes = Math.Min(BlockSize, blocks.Count - block * BlockSize);
            for (int lane = 0; lane < lanes; lane++)
            {
                ReadOnlySpan<float> feature = features.AsSpan((block * BlockSize + lane) * dimension, dimension);
                for (int c = 0; c < dimension; c++)
                {
                    values[c * BlockSize + lane] = feature[c];
                }
            }
        });
        return blocks;
    }

    /// <summary>Adds a multiple of one Gaussian's feature to a sum: feature rendering, one contribution at a time.</summary>
    /// <param name="index">Engine index.</param>
    /// <param name="weight">Blending weight.</param>
    /// <param name="sum">Receives += weight · feature, [Dimension].</param>
    public void AddTo(int index, float weight, Span<float> sum)
    {
        int start = index / BlockSize * BlockFloats + index % BlockSize;
        for (int c = 0; c < Dimension; c++)
        {
            sum[c] += weight * Values[start + c * BlockSize];
        }
    }
}
