using Saga.Engine.Cameras;

namespace Saga.Engine.Masks;

/// <summary>Why a mask has no scale.</summary>
public enum MaskDropReason
{
    /// <summary>It has a scale.</summary>
    None,

    /// <summary>Fewer than <see cref="MaskScale.MinPixels"/> pixels survive the 3×3 rule and have a depth.</summary>
    TooFewPixels,

    /// <summary>Every pixel of the view is set: it tells nothing apart.</summary>
    CoversWholeView,
}

/// <summary>The outcome of measuring one mask.</summary>
/// <param name="Scale">World units; 0 when dropped.</param>
/// <param name="Dropped">Why there is no scale, or <see cref="MaskDropReason.None"/>.</param>
public readonly record struct MaskMeasurement(double Scale, MaskDropReason Dropped)
{
    /// <summary>True when the mask has a scale.</summary>
    public bool IsMeasured => Dropped == MaskDropReason.None;
}

/// <summary>
/// The 3D scale of a mask (Eq. 2): s = 2·√(σx² + σy² + σz²) of its back-projected pixels, unbiased standard deviations.
/// </summary>
/// <remarks>
/// A pixel counts if it is set, at least 5 of the 9 pixels around it (itself included, none outside the image) are set, and its
/// depth is a positive number. A mask at another resolution is resampled to the view first.
/// </remarks>
public static class MaskScale
{
    /// <summary>Fewest pixels that give a scale.</summary>
    public const int MinPixels = 10;

    /// <summary>Measures a mask against a rendered depth image.</summary>
    /// <param name="mask">The mask, of the view's resolution or resampled to it.</param>
    /// <param name="depth">Depth along the camera's z axis in world units, row-major [camera.Height, camera.Width]; not positive or not finite = unknown.</param>
    /// <param name="camera">The view's camera; only its size and intrinsics matter, for the scale does not depend on the pose.</param>
    /// <exception cref="ArgumentException">The depth image is not of the camera's size.</exception>
    public static MaskMeasurement Measure(BinaryMask mask, ReadOnlySpan<float> depth, PinholeCamera camera) =>
        MeasureAt(mask, depth, camera);

    /// <summary>Measures a mask against a depth image in double precision.</summary>
    /// <inheritdoc cref="Measure(BinaryMask, ReadOnlySpan{float}, PinholeCamera)"/>
    public static MaskMeasurement Measure(BinaryMask mask, ReadOnlySpan<double> depth, PinholeCamera camera) =>
        MeasureAt(mask, depth, camera);

    private static MaskMeasurement MeasureAt<T>(BinaryMask mask, ReadOnlySpan<T> depth, PinholeCamera camera)
        where T : struct, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        if (depth.Length != (long)camera.Width * camera.Height)
        {
            throw new ArgumentException(
                $"The depth image has {depth.Length} pixels; the camera's {camera.Width}×{camera.Height} are needed.", nameof(depth));
        }

        BinaryMask resized = mask.ResizedTo(camera.Width, camera.Height);
        if (resized.IsFull)
        {
            return new MaskMeasurement(0, MaskDropReason.CoversWholeView);
        }

        PointSpread spread = BackProjectKernel.Run(resized, depth, camera);
        return spread.Count < MinPixels
            ? new MaskMeasurement(0, MaskDropReason.TooFewPixels)
            : new MaskMeasurement(2 * Math.Sqrt(spread.TotalVariance), MaskDropReason.None);
    }
}
