using System.Runtime.Intrinsics;
using Saga.Engine.Numerics;
using Saga.Engine.Training.Cpu;

namespace Saga.Engine.Training;

/// <summary>
/// Renders smoothed affinity features through the sparse rows of one iteration's pixels, and takes the gradient back to the raw
/// features of every Gaussian involved (Eq. 4 and 10).
/// </summary>
/// <remarks>
/// u_j = f_j/‖f_j‖ for every neighbour j; f̃_i = normalised mean of the drawn neighbours' u; F(p) = Σ w·f̃_i.
/// Works on compact copies of the rows touched, so the cost follows the pixels and not the scene. Gathers are parallel over their
/// results; scatters are parallel over groups of 16 channels, which never share a cache line, so no atomics are needed and every
/// sum has one order whatever the thread count.
/// </remarks>
internal sealed unsafe class FeatureSmoothing : IDisposable
{
    private const int ChannelGroup = 16;

    private readonly int _channels;
    private readonly ParallelOptions _parallel;
    private readonly int[] _slotOfBlended;
    private readonly int[] _slotOfNeighbor;
    private readonly AlignedBuffer<float> _unit = new();
    private readonly AlignedBuffer<float> _inverseNorm = new();
    private readonly AlignedBuffer<float> _neighborGradient = new();
    private readonly AlignedBuffer<float> _smooth = new();
    private readonly AlignedBuffer<float> _smoothInverse = new();
    private readonly AlignedBuffer<float> _smoothGradient = new();
    private readonly AlignedBuffer<int> _entrySlots = new();
    private readonly AlignedBuffer<int> _neighborSlots = new();
    private int[] _blended = [];
    private int[] _touched = [];
    private int _blendedCount;
    private int _rankCount;

    /// <param name="gaussianCount">Gaussians of the scene.</param>
    /// <param name="channels">Feature dimension, a multiple of 8.</param>
    /// <param name="threads">Threads, at least 1.</param>
    public FeatureSmoothing(int gaussianCount, int channels, int threads)
    {
        _channels = channels;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _slotOfBlended = new int[gaussianCount];
        _slotOfNeighbor = new int[gaussianCount];
        Array.Fill(_slotOfBlended, -1);
        Array.Fill(_slotOfNeighbor, -1);
    }

    /// <summary>Gaussians whose raw feature takes part, [<see cref="TouchedCount"/>], in order of first use.</summary>
    public int[] Touched => _touched;

    /// <summary>How many.</summary>
    public int TouchedCount { get; private set; }

    /// <summary>Gradient with respect to the raw features of <see cref="Touched"/>, [touched, channels], after <see cref="Backward"/>.</summary>
    public float* Gradients => _neighborGradient.Pointer;

    public void Dispose()
    {
        _unit.Dispose();
        _inverseNorm.Dispose();
        _neighborGradient.Dispose();
        _smooth.Dispose();
        _smoothInverse.Dispose();
        _smoothGradient.Dispose();
        _entrySlots.Dispose();
        _neighborSlots.Dispose();
    }

    /// <summary>Renders the features of the pixels.</summary>
    /// <param name="rows">Sparse rows of the pixels.</param>
    /// <param name="features">Raw features, [gaussians, channels].</param>
    /// <param name="neighbors">Nearest neighbours, self first, [gaussians, neighborsPerGaussian].</param>
    /// <param name="neighborsPerGaussian">K.</param>
    /// <param name="ranks">The drawn neighbour ranks, the same for every Gaussian.</param>
    /// <param name="rendered">Receives F, [pixels, channels].</param>
    public void Forward(in PixelRowSlice rows, float[] features, int[] neighbors, int neighborsPerGaussian, ReadOnlySpan<int> ranks, float[] rendered)
    {
        _rankCount = ranks.Length;
        Index(rows, neighbors, neighborsPerGaussian, ranks);
        float* unit = _unit.Ensure((long)TouchedCount * _channels);
        float* inverseNorm = _inverseNorm.Ensure(TouchedCount);
        float* smooth = _smooth.Ensure((long)_blendedCount * _channels);
        float* smoothInverse = _smoothInverse.Ensure(_blendedCount);
        int* neighborSlots = _neighborSlots.Pointer;
        int* entrySlots = _entrySlots.Pointer;
        int channels = _channels;
        int rankCount = _rankCount;
        ForRanges(TouchedCount, (start, end) =>
        {
            fixed (float* f = features)
            {
                for (int t = start; t < end; t++)
                {
                    inverseNorm[t] = Normalize(f + (long)_touched[t] * channels, unit + (long)t * channels, channels);
                }
            }
        });
        ForRanges(_blendedCount, (start, end) =>
        {
            float* sum = stackalloc float[64];
            for (int i = start; i < end; i++)
            {
                for (int c = 0; c < channels; c += 8)
                {
                    Vector256<float> total = default;
                    for (int r = 0; r < rankCount; r++)
                    {
                        total += Vector256.Load(unit + (long)neighborSlots[i * rankCount + r] * channels + c);
                    }

                    total.Store(sum + c);
                }

                smoothInverse[i] = Normalize(sum, smooth + (long)i * channels, channels);
            }
        });
        PixelRowSlice slice = rows;
        ForRanges(rows.PixelCount, (start, end) =>
        {
            fixed (float* weights = slice.Weights)
            fixed (float* output = rendered)
            {
                for (int p = start; p < end; p++)
                {
                    int first = slice.RowStart(p);
                    int last = slice.RowStart(p + 1);
                    for (int c = 0; c < channels; c += 8)
                    {
                        Vector256<float> total = default;
                        for (int e = first; e < last; e++)
                        {
                            total = Vector256.MultiplyAddEstimate(
                                Vector256.Load(smooth + (long)entrySlots[e - slice.FirstEntry] * channels + c),
                                Vector256.Create(weights[e]),
                                total);
                        }

                        total.Store(output + p * channels + c);
                    }
                }
            }
        });
    }

    /// <summary>Takes dL/dF back to the raw features of the Gaussians in <see cref="Touched"/>.</summary>
    /// <param name="rows">The rows given to <see cref="Forward"/>.</param>
    /// <param name="renderedGradients">dL/dF, [pixels, channels].</param>
    public void Backward(in PixelRowSlice rows, float[] renderedGradients)
    {
        int channels = _channels;
        int rankCount = _rankCount;
        int touched = TouchedCount;
        int blended = _blendedCount;
        float* smooth = _smooth.Pointer;
        float* smoothInverse = _smoothInverse.Pointer;
        float* smoothGradient = _smoothGradient.Ensure((long)blended * channels);
        float* gradient = _neighborGradient.Ensure((long)touched * channels);
        float* unit = _unit.Pointer;
        float* inverseNorm = _inverseNorm.Pointer;
        int* entrySlots = _entrySlots.Pointer;
        int* neighborSlots = _neighborSlots.Pointer;
        ForRanges(blended, (start, end) => new Span<float>(smoothGradient + (long)start * channels, (end - start) * channels).Clear());
        PixelRowSlice slice = rows;
        ForChannelGroups((firstChannel, lastChannel) =>
        {
            fixed (float* weights = slice.Weights)
            fixed (float* input = renderedGradients)
            {
                for (int p = 0; p < slice.PixelCount; p++)
                {
                    int last = slice.RowStart(p + 1);
                    for (int c = firstChannel; c < lastChannel; c += 8)
                    {
                        Vector256<float> slope = Vector256.Load(input + p * channels + c);
                        for (int e = slice.RowStart(p); e < last; e++)
                        {
                            float* target = smoothGradient + (long)entrySlots[e - slice.FirstEntry] * channels + c;
                            Vector256.MultiplyAddEstimate(slope, Vector256.Create(weights[e]), Vector256.Load(target)).Store(target);
                        }
                    }
                }
            }
        });

        // The mean's 1/count cancels in the normalisation, so the sum's norm is what divides.
        ForRanges(blended, (start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                ThroughNormalization(smoothGradient + (long)i * channels, smooth + (long)i * channels, smoothInverse[i], channels);
            }
        });
        ForRanges(touched, (start, end) => new Span<float>(gradient + (long)start * channels, (end - start) * channels).Clear());
        ForChannelGroups((firstChannel, lastChannel) =>
        {
            for (int i = 0; i < blended; i++)
            {
                for (int c = firstChannel; c < lastChannel; c += 8)
                {
                    Vector256<float> slope = Vector256.Load(smoothGradient + (long)i * channels + c);
                    for (int r = 0; r < rankCount; r++)
                    {
                        float* target = gradient + (long)neighborSlots[i * rankCount + r] * channels + c;
                        (Vector256.Load(target) + slope).Store(target);
                    }
                }
            }
        });
        ForRanges(touched, (start, end) =>
        {
            for (int t = start; t < end; t++)
            {
                ThroughNormalization(gradient + (long)t * channels, unit + (long)t * channels, inverseNorm[t], channels);
            }
        });
    }

    /// <summary>
    /// The features that are saved and queried: the mean of the unit features of all K neighbours, weighted by trust, after
    /// <see cref="HiddenFeatures"/> has spread what was seen to what was not.
    /// </summary>
    /// <param name="features">Raw features, [gaussians, channels].</param>
    /// <param name="visibility">Σ w of each Gaussian over all training pixels, [gaussians].</param>
    /// <param name="channels">Feature dimension.</param>
    /// <param name="neighbors">Nearest neighbours, self first, [gaussians, neighborsPerGaussian].</param>
    /// <param name="neighborsPerGaussian">K.</param>
    /// <param name="threads">Threads, at least 1.</param>
    public static float[] Finish(float[] features, float[] visibility, int channels, int[] neighbors, int neighborsPerGaussian, int threads)
    {
        int count = features.Length / channels;
        var unit = new float[features.Length];
        var finished = new float[features.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        ForRanges(parallel, count, (start, end) =>
        {
            fixed (float* f = features)
            fixed (float* u = unit)
            {
                for (int i = start; i < end; i++)
                {
                    Normalize(f + (long)i * channels, u + (long)i * channels, channels);
                }
            }
        });
        float[] trust = HiddenFeatures.Fill(unit, visibility, channels, neighbors, neighborsPerGaussian, threads);
        ForRanges(parallel, count, (start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                Span<float> mean = finished.AsSpan(i * channels, channels);
                ReadOnlySpan<int> row = neighbors.AsSpan(i * neighborsPerGaussian, neighborsPerGaussian);
                float total = 0;
                foreach (int j in row)
                {
                    total += trust[j];
                }

                foreach (int j in row)
                {
                    float weight = trust[j] / total;
                    VectorSum.AddScaled(mean, unit.AsSpan(j * channels, channels), weight);
                }
            }
        });
        return finished;
    }

    // Numbers the Gaussians that the rows blend and the neighbours they are smoothed with, in order of first use.
    private void Index(in PixelRowSlice rows, int[] neighbors, int neighborsPerGaussian, ReadOnlySpan<int> ranks)
    {
        for (int i = 0; i < _blendedCount; i++)
        {
            _slotOfBlended[_blended[i]] = -1;
        }

        for (int i = 0; i < TouchedCount; i++)
        {
            _slotOfNeighbor[_touched[i]] = -1;
        }

        int entries = rows.EntryCount;
        Grow(ref _blended, Math.Min(entries, _slotOfBlended.Length));
        int* entrySlots = _entrySlots.Ensure(entries);
        int blended = 0;
        for (int e = 0; e < entries; e++)
        {
            int gaussian = rows.GaussianIndices[rows.FirstEntry + e];
            int slot = _slotOfBlended[gaussian];
            if (slot < 0)
            {
                slot = blended++;
                _slotOfBlended[gaussian] = slot;
                _blended[slot] = gaussian;
            }

            entrySlots[e] = slot;
        }

        Grow(ref _touched, (int)Math.Min((long)blended * ranks.Length, _slotOfNeighbor.Length));
        int* neighborSlots = _neighborSlots.Ensure((long)blended * ranks.Length);
        int touched = 0;
        for (int i = 0; i < blended; i++)
        {
            for (int r = 0; r < ranks.Length; r++)
            {
                int gaussian = neighbors[(long)_blended[i] * neighborsPerGaussian + ranks[r]];
                int slot = _slotOfNeighbor[gaussian];
                if (slot < 0)
                {
                    slot = touched++;
                    _slotOfNeighbor[gaussian] = slot;
                    _touched[slot] = gaussian;
                }

                neighborSlots[i * ranks.Length + r] = slot;
            }
        }

        _blendedCount = blended;
        TouchedCount = touched;
    }

    private static void Grow(ref int[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, length);
        }
    }

    // unit = vector/‖vector‖; returns 1/‖vector‖, or 0 for a zero vector, whose unit is zero too.
    private static float Normalize(float* vector, float* unit, int channels)
    {
        Vector256<float> square = default;
        for (int c = 0; c < channels; c += 8)
        {
            Vector256<float> v = Vector256.Load(vector + c);
            square = Vector256.MultiplyAddEstimate(v, v, square);
        }

        float sum = Vector256.Sum(square);
        float inverse = sum > 0 ? 1 / MathF.Sqrt(sum) : 0;
        for (int c = 0; c < channels; c += 8)
        {
            (Vector256.Load(vector + c) * inverse).Store(unit + c);
        }

        return inverse;
    }

    // g ← (g - (g·u)u)/‖x‖ for u = x/‖x‖.
    private static void ThroughNormalization(float* gradient, float* unit, float inverse, int channels)
    {
        Vector256<float> dot = default;
        for (int c = 0; c < channels; c += 8)
        {
            dot = Vector256.MultiplyAddEstimate(Vector256.Load(gradient + c), Vector256.Load(unit + c), dot);
        }

        float along = Vector256.Sum(dot);
        for (int c = 0; c < channels; c += 8)
        {
            ((Vector256.Load(gradient + c) - Vector256.Load(unit + c) * along) * inverse).Store(gradient + c);
        }
    }

    private void ForRanges(int count, Action<int, int> body) => ForRanges(_parallel, count, body);

    private static void ForRanges(ParallelOptions parallel, int count, Action<int, int> body)
    {
        const int grain = 2048;
        int parts = Math.Min(parallel.MaxDegreeOfParallelism * 4, (count + grain - 1) / grain);
        if (parts <= 1)
        {
            body(0, count);
            return;
        }

        Parallel.For(0, parts, parallel, part => body((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts)));
    }

    private void ForChannelGroups(Action<int, int> body)
    {
        int groups = (_channels + ChannelGroup - 1) / ChannelGroup;
        Parallel.For(0, groups, _parallel, g => body(g * ChannelGroup, Math.Min(_channels, (g + 1) * ChannelGroup)));
    }
}
