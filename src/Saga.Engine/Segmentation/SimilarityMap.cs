using System.Buffers;

namespace Saga.Engine.Segmentation;

/// <summary>How similar every record of the uploaded file is to a prompt, one byte each.</summary>
/// <remarks>Memory is borrowed: who disposes the map, when nobody reads it any more, saves the next one an allocation.</remarks>
public sealed class SimilarityMap : IDisposable
{
    private byte[]? _values;

    /// <summary>Borrows memory for a scene; all bytes are 0.</summary>
    internal SimilarityMap(int gaussianCount)
    {
        GaussianCount = gaussianCount;
        _values = ArrayPool<byte>.Shared.Rent(Math.Max(1, gaussianCount));
        Array.Clear(_values, 0, gaussianCount);
    }

    /// <summary>Records in the uploaded file.</summary>
    public int GaussianCount { get; }

    /// <summary>
    /// 255·max(0, greatest cosine with a positive point), rounded; 0 for Gaussians that are nearer to a negative point and for
    /// records that were left out. [GaussianCount]
    /// </summary>
    /// <exception cref="ObjectDisposedException">The map was disposed.</exception>
    public ReadOnlyMemory<byte> Values => Memory.AsMemory(0, GaussianCount);

    /// <summary>The same, to be written.</summary>
    internal byte[] Memory => _values ?? throw new ObjectDisposedException(nameof(SimilarityMap));

    /// <summary>Ends the use of <see cref="Values"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _values, null) is { } values)
        {
            ArrayPool<byte>.Shared.Return(values);
        }
    }
}

/// <summary>The answer to a prompt as similarities.</summary>
/// <param name="Map">One byte per record. Disposing it saves the next prompt an allocation.</param>
/// <param name="Points">What each point showed, in the order of the prompt.</param>
/// <param name="FeatureTime">Time to find the points' features.</param>
/// <param name="MatchTime">Time to score all Gaussians.</param>
public sealed record SimilarityResult(
    SimilarityMap Map, IReadOnlyList<QueryFeature> Points, TimeSpan FeatureTime, TimeSpan MatchTime);
