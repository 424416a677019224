using System.Diagnostics;

namespace Saga.Engine.Clustering;

/// <summary>Points laid out for distances to all of them: blocks of 16, channel by channel, so that a lane is a point.</summary>
/// <remarks>[blocks, dimension, 16]. Lanes past the last point are at infinity, so that they are nobody's neighbour.</remarks>
internal sealed class PointBlocks
{
    /// <summary>Points of a block.</summary>
    public const int BlockSize = 16;

    /// <summary>The kernel takes so many blocks at a time.</summary>
    public const int BlocksPerStep = 4;

    private readonly float[] _values;

    /// <param name="points">[count, dimension], finite.</param>
    /// <param name="dimension">Channels, at least 1.</param>
    public PointBlocks(ReadOnlySpan<float> points, int dimension)
    {
        Debug.Assert(points.Length % dimension == 0);
        Dimension = dimension;
        Count = points.Length / dimension;
        _values = GC.AllocateUninitializedArray<float>(PaddedCount * dimension);
        Array.Fill(_values, float.PositiveInfinity);
        for (int i = 0; i < Count; i++)
        {
            for (int c = 0; c < dimension; c++)
            {
                _values[At(i, c)] = points[i * dimension + c];
            }
        }
    }

    /// <summary>Points that are left.</summary>
    public int Count { get; private set; }

    /// <summary>Channels.</summary>
    public int Dimension { get; }

    /// <summary>Points and padding: whole steps of the kernel.</summary>
    public int PaddedCount =>
        (Count + BlockSize * BlocksPerStep - 1) / (BlockSize * BlocksPerStep) * (BlockSize * BlocksPerStep);

    /// <summary>The coordinates, [PaddedCount / 16, Dimension, 16].</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, PaddedCount * Dimension);

    /// <summary>Copies one point.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="point">Receives its coordinates, [Dimension].</param>
    public void CopyTo(int index, Span<float> point)
    {
        for (int c = 0; c < Dimension; c++)
        {
            point[c] = _values[At(index, c)];
        }
    }

    /// <summary>Takes a point out; the last one takes its place.</summary>
    /// <param name="index">Its place.</param>
    public void Remove(int index)
    {
        int last = Count - 1;
        for (int c = 0; c < Dimension; c++)
        {
            _values[At(index, c)] = _values[At(last, c)];
            _values[At(last, c)] = float.PositiveInfinity;
        }

        Count = last;
    }

    private int At(int index, int channel) => (index / BlockSize * Dimension + channel) * BlockSize + index % BlockSize;
}
