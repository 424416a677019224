using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// Projects Gaussians to ellipses of the image and keeps those that reach the wanted rectangle of tiles.
/// </summary>
/// <remarks>
/// t = R·mean + T;  A = J·R, two rows;  u, v = the rows of A·M, where Σ = M·Mᵀ. The projected covariance is
/// [a b; b c] = [|u|² + h, u·v; u·v, |v|² + h] with the dilation h = 0.3, and the variance of x given y is
/// a - b²/c = |u×v|²/c + h·(|u|² + |v|² + h)/c by Lagrange's identity: sums of squares, so nothing cancels however thin the
/// ellipse. One lane is one Gaussian.
/// Positions are projected in double: at a focal length of a thousand pixels float would move means by 1e-4 pixels.
/// </remarks>
internal static class ProjectKernel
{
    /// <summary>Gaussians projected at a time.</summary>
    public const int Lanes = 8;

    /// <summary>½·log₂e: turns dᵀΣ'⁻¹d into an exponent of two.</summary>
    internal const float HalfLog2E = 0.72134752f;

    /// <summary>Boxes grow by this many pixels, more than the rounding of pixel coordinates up to 16384.</summary>
    internal const float BoxMarginPixels = 0.01f;

    /// <param name="geometry">The scene.</param>
    /// <param name="camera">The view.</param>
    /// <param name="start">First Gaussian, a multiple of 8.</param>
    /// <param name="end">End of the range, exclusive, a multiple of 8.</param>
    /// <param name="projected">Receives the visible Gaussians in ascending order, [at least end - start].</param>
    /// <param name="boxes">Receives the tiles of each one's bounding box within the wanted region, [at least end - start].</param>
    /// <returns>Number of visible Gaussians.</returns>
    public static int Run(
        GaussianGeometry geometry,
        in ProjectionCamera camera,
        int start,
        int end,
        Span<ProjectedGaussian> projected,
        Span<TileRectangle> boxes)
    {
        Debug.Assert(start % Lanes == 0 && end % Lanes == 0 && end <= geometry.PaddedCount);
        Debug.Assert(projected.Length >= end - start && boxes.Length >= end - start);

        Span<Lane8> lanes = stackalloc Lane8[11];
        int count = 0;
        for (int i = start; i < end; i += Lanes)
        {
            uint visible = ProjectEight(geometry, in camera, i, lanes);
            for (; visible != 0; visible &= visible - 1)
            {
                int lane = BitOperations.TrailingZeroCount(visible);
                projected[count] = new ProjectedGaussian
                {
                    MeanX = lanes[0][lane],
                    MeanY = lanes[1][lane],
                    WhitenXX = lanes[2][lane],
                    WhitenXY = lanes[3][lane],
                    WhitenYY = lanes[4][lane],
                    Log2Opacity = lanes[5][lane],
                    Depth = lanes[6][lane],
                    Index = i + lane,
                };
                boxes[count] = new TileRectangle(
                    (ushort)lanes[7][lane], (ushort)lanes[8][lane], (ushort)lanes[9][lane], (ushort)lanes[10][lane]);
                count++;
            }
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ProjectEight(GaussianGeometry geometry, in ProjectionCamera camera, int i, Span<Lane8> lanes)
    {
        Vector256<float> log2Opacity = Load(geometry.Log2Opacity, i);
        Vector256<float> maxExponent = log2Opacity + Vector256.Create(BlendLimits.Log2Of255 + BlendLimits.ExponentMargin);

        (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Load(geometry.Mean(0), i));
        (Vector256<double> y0, Vector256<double> y1) = Vector256.Widen(Load(geometry.Mean(1), i));
        (Vector256<double> z0, Vector256<double> z1) = Vector256.Widen(Load(geometry.Mean(2), i));
        Vector256<double> depth0 = camera.Depth(x0, y0, z0);
        Vector256<double> depth1 = camera.Depth(x1, y1, z1);
        Vector256<double> near = Vector256.Create(BlendLimits.NearPlane);
        Vector256<int> inFront = Vector256.Narrow(
            Vector256.GreaterThan(depth0, near).AsInt64(), Vector256.GreaterThan(depth1, near).AsInt64());
        inFront &= Vector256.GreaterThan(maxExponent, Vector256<float>.Zero).AsInt32();
        if (inFront == Vector256<int>.Zero)
        {
            return 0;
        }

        Vector256<double> slopeX0 = camera.SlopeX(x0, y0, z0, depth0);
        Vector256<double> slopeX1 = camera.SlopeX(x1, y1, z1, depth1);
        Vector256<double> slopeY0 = camera.SlopeY(x0, y0, z0, depth0);
        Vector256<double> slopeY1 = camera.SlopeY(x1, y1, z1, depth1);
        Vector256<float> meanX = Vector256.Narrow(camera.PixelX(slopeX0), camera.PixelX(slopeX1));
        Vector256<float> meanY = Vector256.Narrow(camera.PixelY(slopeY0), camera.PixelY(slopeY1));
        Vector256<float> depth = Vector256.Narrow(depth0, depth1);
        Vector256<float> slopeX = Clamp(Vector256.Narrow(slopeX0, slopeX1), camera.MaxSlopeX);
        Vector256<float> slopeY = Clamp(Vector256.Narrow(slopeY0, slopeY1), camera.MaxSlopeY);

        Vector256<float> scaleX = Vector256.Create(camera.Fx) / depth;
        Vector256<float> scaleY = Vector256.Create(camera.Fy) / depth;
        Vector256<float> ax0 = scaleX * (Vector256.Create(camera.R00) - slopeX * camera.R20);
        Vector256<float> ax1 = scaleX * (Vector256.Create(camera.R01) - slopeX * camera.R21);
        Vector256<float> ax2 = scaleX * (Vector256.Create(camera.R02) - slopeX * camera.R22);
        Vector256<float> ay0 = scaleY * (Vector256.Create(camera.R10) - slopeY * camera.R20);
        Vector256<float> ay1 = scaleY * (Vector256.Create(camera.R11) - slopeY * camera.R21);
        Vector256<float> ay2 = scaleY * (Vector256.Create(camera.R12) - slopeY * camera.R22);

        (Vector256<float> u0, Vector256<float> v0) = Axis(geometry, i, 0, ax0, ax1, ax2, ay0, ay1, ay2);
        (Vector256<float> u1, Vector256<float> v1) = Axis(geometry, i, 1, ax0, ax1, ax2, ay0, ay1, ay2);
        (Vector256<float> u2, Vector256<float> v2) = Axis(geometry, i, 2, ax0, ax1, ax2, ay0, ay1, ay2);

        Vector256<float> dilation = Vector256.Create(BlendLimits.Dilation);
        Vector256<float> uu = u0 * u0 + u1 * u1 + u2 * u2;
        Vector256<float> vv = v0 * v0 + v1 * v1 + v2 * v2;
        Vector256<float> uv = u0 * v0 + u1 * v1 + u2 * v2;
        Vector256<float> varianceY = vv + dilation;
        Vector256<float> inverseDeviationY = Vector256<float>.One / Vector256.Sqrt(varianceY);
        Vector256<float> cross0 = (u1 * v2 - u2 * v1) * inverseDeviationY;
        Vector256<float> cross1 = (u2 * v0 - u0 * v2) * inverseDeviationY;
        Vector256<float> cross2 = (u0 * v1 - u1 * v0) * inverseDeviationY;
        Vector256<float> varianceXGivenY = cross0 * cross0 + cross1 * cross1 + cross2 * cross2
            + dilation * (uu + varianceY) / varianceY;

        Vector256<float> root = Vector256.Create(MathF.Sqrt(HalfLog2E));
        Vector256<float> whitenXX = root / Vector256.Sqrt(varianceXGivenY);
        Vector256<float> whitenXY = -(uv / varianceY) * whitenXX;
        Vector256<float> whitenYY = root * inverseDeviationY;

        // The bounding box of the ellipse q = maxExponent.
        Vector256<float> reach = Vector256.Sqrt(maxExponent / Vector256.Create(HalfLog2E));
        Vector256<float> margin = Vector256.Create(BoxMarginPixels);
        Vector256<float> halfWidth = reach * Vector256.Sqrt(uu + dilation) + margin;
        Vector256<float> halfHeight = reach * Vector256.Sqrt(varianceY) + margin;
        Vector256<float> left = meanX - halfWidth, right = meanX + halfWidth;
        Vector256<float> top = meanY - halfHeight, bottom = meanY + halfHeight;

        // Comparisons with NaN are false, so a Gaussian whose ellipse is not finite drops out here.
        Vector256<float> infinity = Vector256.Create(float.PositiveInfinity);
        Vector256<float> visible = inFront.AsSingle()
            & Vector256.LessThan(Vector256.Abs(meanX), infinity) & Vector256.LessThan(Vector256.Abs(meanY), infinity)
            & Vector256.GreaterThan(whitenXX, Vector256<float>.Zero) & Vector256.LessThan(whitenXX, infinity)
            & Vector256.LessThan(Vector256.Abs(whitenXY), infinity) & Vector256.GreaterThan(whitenYY, Vector256<float>.Zero)
            & Vector256.GreaterThanOrEqual(right, Vector256.Create(camera.RegionLeft))
            & Vector256.LessThanOrEqual(left, Vector256.Create(camera.RegionRight))
            & Vector256.GreaterThanOrEqual(bottom, Vector256.Create(camera.RegionTop))
            & Vector256.LessThanOrEqual(top, Vector256.Create(camera.RegionBottom));
        uint mask = visible.ExtractMostSignificantBits();
        if (mask != 0)
        {
            lanes[0].Set(meanX);
            lanes[1].Set(meanY);
            lanes[2].Set(whitenXX);
            lanes[3].Set(whitenXY);
            lanes[4].Set(whitenYY);
            lanes[5].Set(log2Opacity);
            lanes[6].Set(depth);
            lanes[7].Set(TileIndex(left, camera.Region.Left, camera.Region.Right));
            lanes[8].Set(TileIndex(top, camera.Region.Top, camera.Region.Bottom));
            lanes[9].Set(TileIndex(right, camera.Region.Left, camera.Region.Right));
            lanes[10].Set(TileIndex(bottom, camera.Region.Top, camera.Region.Bottom));
        }

        return mask;
    }

    /// <summary>u and v of one scaled axis: the rows of A·M, one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> U, Vector256<float> V) Axis(
        GaussianGeometry geometry, int i, int column,
        Vector256<float> ax0, Vector256<float> ax1, Vector256<float> ax2,
        Vector256<float> ay0, Vector256<float> ay1, Vector256<float> ay2)
    {
        Vector256<float> m0 = Load(geometry.Axis(0, column), i);
        Vector256<float> m1 = Load(geometry.Axis(1, column), i);
        Vector256<float> m2 = Load(geometry.Axis(2, column), i);
        return (ax0 * m0 + ax1 * m1 + ax2 * m2, ay0 * m0 + ay1 * m1 + ay2 * m2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> TileIndex(Vector256<float> pixel, int first, int last) => Vector256.Min(
        Vector256.Max(Vector256.Floor(pixel * (1f / TileGrid.Side)), Vector256.Create((float)first)),
        Vector256.Create((float)last));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Clamp(Vector256<float> value, float limit) =>
        Vector256.Min(Vector256.Max(value, Vector256.Create(-limit)), Vector256.Create(limit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(ReadOnlySpan<float> plane, int i) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(plane), (nuint)i);

    /// <summary>Eight floats of one quantity, stored to be read lane by lane.</summary>
    [InlineArray(Lanes)]
    private struct Lane8
    {
        private float _first;

        public void Set(Vector256<float> value) => value.StoreUnsafe(ref _first);
    }
}
