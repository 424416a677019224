using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Saga.Engine.Scenes;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// Evaluates the view-dependent colour of Gaussians: max(0, ½ + Σ_k B_k(d)·c_k), d the unit direction from the camera to the mean.
/// </summary>
/// <remarks>B is the real spherical-harmonics basis with the signs and order of 3D Gaussian splatting files.</remarks>
internal static class SphericalHarmonicsKernel
{
    /// <summary>Coefficients of degree 3.</summary>
    private const int MaxCoefficients = 16;

    /// <param name="scene">The scene, read with colours.</param>
    /// <param name="center">The camera's centre in the world.</param>
    /// <param name="gaussians">Projected Gaussians; only their index is read.</param>
    /// <param name="colors">Receives r, g, b and an unused 0 for each, [gaussians, 4], at least 0.</param>
    public static void Run(
        GaussianScene scene,
        (double X, double Y, double Z) center,
        ReadOnlySpan<ProjectedGaussian> gaussians,
        Span<float> colors)
    {
        Debug.Assert(colors.Length >= 4 * gaussians.Length);
        int coefficientCount = (scene.ShDegree + 1) * (scene.ShDegree + 1);
        Span<float> basis = stackalloc float[MaxCoefficients];
        ReadOnlySpan<float> all = scene.ShCoefficients;
        for (int g = 0; g < gaussians.Length; g++)
        {
            int index = gaussians[g].Index;
            double x = scene.Means[3 * index] - center.X;
            double y = scene.Means[3 * index + 1] - center.Y;
            double z = scene.Means[3 * index + 2] - center.Z;
            double inverseLength = 1 / Math.Sqrt(x * x + y * y + z * z);
            Basis(scene.ShDegree, (float)(x * inverseLength), (float)(y * inverseLength), (float)(z * inverseLength), basis);

            // Reads r, g, b and one number too many, except for the last coefficient, which may end the array.
            ReadOnlySpan<float> coefficients = all.Slice(3 * coefficientCount * index, 3 * coefficientCount);
            ref float first = ref MemoryMarshal.GetReference(coefficients);
            Vector128<float> sum = Vector128.Create(0.5f);
            int last = coefficientCount - 1;
            for (int k = 0; k < last; k++)
            {
                sum += Vector128.LoadUnsafe(ref first, (nuint)(3 * k)) * basis[k];
            }

            sum += Vector128.Create(
                coefficients[3 * last], coefficients[3 * last + 1], coefficients[3 * last + 2], 0f) * basis[last];

            // MaxNumber, so that a coefficient that is not a number shows as black and spoils nothing else.
            Vector128.MaxNumber(sum, Vector128<float>.Zero).CopyTo(colors[(4 * g)..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Basis(int degree, float x, float y, float z, Span<float> b)
    {
        b[0] = 0.282094792f;
        if (degree < 1)
        {
            return;
        }

        b[1] = -0.488602512f * y;
        b[2] = 0.488602512f * z;
        b[3] = -0.488602512f * x;
        if (degree < 2)
        {
            return;
        }

        float xx = x * x, yy = y * y, zz = z * z;
        b[4] = 1.09254843f * x * y;
        b[5] = -1.09254843f * y * z;
        b[6] = 0.315391565f * (2 * zz - xx - yy);
        b[7] = -1.09254843f * x * z;
        b[8] = 0.546274215f * (xx - yy);
        if (degree < 3)
        {
            return;
        }

        b[9] = -0.590043590f * y * (3 * xx - yy);
        b[10] = 2.89061144f * x * y * z;
        b[11] = -0.457045799f * y * (4 * zz - xx - yy);
        b[12] = 0.373176333f * z * (2 * zz - 3 * xx - 3 * yy);
        b[13] = -0.457045799f * x * (4 * zz - xx - yy);
        b[14] = 1.44530572f * z * (xx - yy);
        b[15] = -0.590043590f * x * (xx - 3 * yy);
    }
}
