using System.Runtime.CompilerServices;
using Saga.Engine.Scenes;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// What projection needs of every Gaussian, as planes of a structure of arrays: mean, scaled axes and opacity.
/// </summary>
/// <remarks>
/// The scaled axes are the columns of M = R·diag(s), so Σ = M·Mᵀ. Projecting M rather than Σ keeps the determinant of flat and
/// needle-like Gaussians exact in float: it becomes a sum of squares (see <see cref="ProjectKernel"/>).
/// Planes are padded with invisible Gaussians to whole vectors.
/// </remarks>
internal sealed class GaussianGeometry
{
    /// <summary>Padding, in Gaussians.</summary>
    private const int Lanes = 8;

    private const int PlaneCount = 13;

    private const int GaussiansPerBatch = 4096;

    private readonly float[] _planes;

    /// <summary>Prepares a whole scene.</summary>
    public GaussianGeometry(GaussianScene scene)
        : this(scene.Count)
    {
        int batches = (Count + GaussiansPerBatch - 1) / GaussiansPerBatch;
        Parallel.For(0, batches, batch =>
        {
            int end = Math.Min(Count, (batch + 1) * GaussiansPerBatch);
            for (int i = batch * GaussiansPerBatch; i < end; i++)
            {
                Set(i, scene, i);
            }
        });
    }

    /// <summary>Makes room for Gaussians of any scene; none can be drawn until it is set.</summary>
    public GaussianGeometry(int count)
    {
        Count = count;
        PaddedCount = (Count + Lanes - 1) / Lanes * Lanes;
        _planes = new float[checked(PlaneCount * PaddedCount)];
        Plane(12).Fill(float.NegativeInfinity);
    }

    public int Count { get; }

    public int PaddedCount { get; }

    /// <summary>Bytes of the planes.</summary>
    public long ByteCount => (long)_planes.Length * sizeof(float);

    /// <summary>All planes, [13, padded]: mean x y z, scaled axes row by row, log₂ of the opacity.</summary>
    public ReadOnlySpan<float> Planes => _planes;

    /// <summary>Mean coordinates, world units, [3] planes.</summary>
    public ReadOnlySpan<float> Mean(int axis) => Plane(axis);

    /// <summary>World coordinate <paramref name="row"/> of the scaled axis <paramref name="column"/>.</summary>
    public ReadOnlySpan<float> Axis(int row, int column) => Plane(3 + row * 3 + column);

    /// <summary>log₂ of the opacity; -∞ for a Gaussian that can not be drawn.</summary>
    public ReadOnlySpan<float> Log2Opacity => Plane(12);

    private Span<float> Plane(int plane) => _planes.AsSpan(plane * PaddedCount, PaddedCount);

    /// <summary>Leaves a place empty.</summary>
    public void Clear(int slot) => Plane(12)[slot] = float.NegativeInfinity;

    /// <summary>Prepares one Gaussian.</summary>
    /// <param name="slot">Where to put it.</param>
    /// <param name="scene">Its scene.</param>
    /// <param name="i">Its engine index.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(int slot, GaussianScene scene, int i)
    {
        ReadOnlySpan<float> mean = scene.Means.AsSpan(3 * i, 3);
        ReadOnlySpan<float> q = scene.Rotations.AsSpan(4 * i, 4);
        double norm = Math.Sqrt((double)q[0] * q[0] + (double)q[1] * q[1] + (double)q[2] * q[2] + (double)q[3] * q[3]);
        double w = q[0] / norm, x = q[1] / norm, y = q[2] / norm, z = q[3] / norm;
        double sx = Math.Exp(scene.LogScales[3 * i]);
        double sy = Math.Exp(scene.LogScales[3 * i + 1]);
        double sz = Math.Exp(scene.LogScales[3 * i + 2]);
        ReadOnlySpan<float> axes =
        [
            (float)((1 - 2 * (y * y + z * z)) * sx), (float)(2 * (x * y - w * z) * sy), (float)(2 * (x * z + w * y) * sz),
            (float)(2 * (x * y + w * z) * sx), (float)((1 - 2 * (x * x + z * z)) * sy), (float)(2 * (y * z - w * x) * sz),
            (float)(2 * (x * z - w * y) * sx), (float)(2 * (y * z + w * x) * sy), (float)((1 - 2 * (x * x + y * y)) * sz),
        ];

        double logOpacity = -Math.Log2(1 + Math.Exp(-(double)scene.OpacityLogits[i]));
        bool finite = float.IsFinite(mean[0]) && float.IsFinite(mean[1]) && float.IsFinite(mean[2])
            && double.IsFinite(logOpacity);
        foreach (float value in axes)
        {
            finite &= float.IsFinite(value);
        }

        for (int axis = 0; axis < 3; axis++)
        {
            Plane(axis)[slot] = finite ? mean[axis] : 0;
        }

        for (int k = 0; k < 9; k++)
        {
            Plane(3 + k)[slot] = finite ? axes[k] : 0;
        }

        Plane(12)[slot] = finite ? (float)logOpacity : float.NegativeInfinity;
    }
}
