namespace Saga.Benchmarks.Segmentation;

/// <summary>Scoring as a tensor framework does it: gate, norm, division, product and comparison as passes of their own.</summary>
/// <remarks>The intermediate arrays are kept between calls, which favours this reference over a framework.</remarks>
internal sealed class UnfusedScoring(int count, int channels)
{
    private readonly float[] _gated = new float[count * channels];
    private readonly float[] _norms = new float[count];
    private readonly float[] _units = new float[count * channels];
    private readonly float[] _scores = new float[count];

    /// <param name="features">Row-major, [count, channels].</param>
    /// <param name="gate">[channels].</param>
    /// <param name="query">Gated, unit length, [channels].</param>
    /// <param name="threshold">Smallest cosine that counts.</param>
    /// <param name="selected">Receives one flag per Gaussian.</param>
    public void Run(float[] features, float[] gate, float[] query, float threshold, bool[] selected)
    {
        DensePasses.MultiplyRows(features, gate, _gated);
        DensePasses.Norms(_gated, channels, _norms);
        DensePasses.Divide(_gated, channels, _norms, _units);
        DensePasses.ForRows(count, (start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                _scores[i] = DensePasses.Dot(_units.AsSpan(i * channels, channels), query);
            }
        });
        DensePasses.ForRows(count, (start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                selected[i] = _scores[i] >= threshold;
            }
        });
    }
}
