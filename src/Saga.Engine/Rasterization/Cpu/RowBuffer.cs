using System.Buffers;
using System.Runtime.CompilerServices;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>A growing list of contributions (Gaussian, weight) in borrowed arrays.</summary>
internal sealed class RowBuffer : IDisposable
{
    private const int InitialCapacity = 1 << 14;

    private int[] _indices = ArrayPool<int>.Shared.Rent(InitialCapacity);
    private float[] _weights = ArrayPool<float>.Shared.Rent(InitialCapacity);

    public int Count { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(int index, float weight)
    {
        int count = Count;
        if (count >= _indices.Length || count >= _weights.Length)
        {
            Grow();
        }

        _indices[count] = index;
        _weights[count] = weight;
        Count = count + 1;
    }

    public void CopyTo(int start, int length, Span<int> indices, Span<float> weights)
    {
        _indices.AsSpan(start, length).CopyTo(indices);
        _weights.AsSpan(start, length).CopyTo(weights);
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_indices);
        ArrayPool<float>.Shared.Return(_weights);
        (_indices, _weights, Count) = ([], [], 0);
    }

    private void Grow()
    {
        int capacity = checked(2 * Count);
        int[] indices = ArrayPool<int>.Shared.Rent(capacity);
        float[] weights = ArrayPool<float>.Shared.Rent(capacity);
        CopyTo(0, Count, indices, weights);
        ArrayPool<int>.Shared.Return(_indices);
        ArrayPool<float>.Shared.Return(_weights);
        (_indices, _weights) = (indices, weights);
    }
}
