using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Saga.Engine.Cameras;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>A camera and the part of its image that is wanted, with the numbers <see cref="ProjectKernel"/> reads.</summary>
internal readonly struct ProjectionCamera
{
    private readonly CameraPose _pose;
    private readonly double _fx, _fy, _cx, _cy;

    public ProjectionCamera(PinholeCamera camera, TileRectangle region)
    {
        _pose = camera.Pose;
        (_fx, _fy, _cx, _cy) = (camera.Fx, camera.Fy, camera.Cx, camera.Cy);
        (R00, R01, R02) = ((float)_pose.R00, (float)_pose.R01, (float)_pose.R02);
        (R10, R11, R12) = ((float)_pose.R10, (float)_pose.R11, (float)_pose.R12);
        (R20, R21, R22) = ((float)_pose.R20, (float)_pose.R21, (float)_pose.R22);
        (Fx, Fy) = ((float)_fx, (float)_fy);
        MaxSlopeX = (float)(BlendLimits.FieldOfViewMargin * camera.Width / (2 * _fx));
        MaxSlopeY = (float)(BlendLimits.FieldOfViewMargin * camera.Height / (2 * _fy));
        Region = region;
        RegionLeft = region.Left * TileGrid.Side;
        RegionTop = region.Top * TileGrid.Side;
        RegionRight = (region.Right + 1) * TileGrid.Side;
        RegionBottom = (region.Bottom + 1) * TileGrid.Side;
    }

    public float R00 { get; }

    public float R01 { get; }

    public float R02 { get; }

    public float R10 { get; }

    public float R11 { get; }

    public float R12 { get; }

    public float R20 { get; }

    public float R21 { get; }

    public float R22 { get; }

    public float Fx { get; }

    public float Fy { get; }

    /// <summary>Largest |x/z| inside the Jacobian.</summary>
    public float MaxSlopeX { get; }

    /// <summary>Largest |y/z| inside the Jacobian.</summary>
    public float MaxSlopeY { get; }

    /// <summary>The wanted tiles.</summary>
    public TileRectangle Region { get; }

    /// <summary>The wanted tiles' left edge in pixels.</summary>
    public float RegionLeft { get; }

    /// <summary>The wanted tiles' upper edge in pixels.</summary>
    public float RegionTop { get; }

    /// <summary>The wanted tiles' right edge in pixels.</summary>
    public float RegionRight { get; }

    /// <summary>The wanted tiles' lower edge in pixels.</summary>
    public float RegionBottom { get; }

    /// <summary>Camera z of world points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Depth(Vector256<double> x, Vector256<double> y, Vector256<double> z) =>
        x * _pose.R20 + y * _pose.R21 + z * _pose.R22 + Vector256.Create(_pose.Tz);

    /// <summary>Camera x/z of world points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> SlopeX(Vector256<double> x, Vector256<double> y, Vector256<double> z, Vector256<double> depth) =>
        (x * _pose.R00 + y * _pose.R01 + z * _pose.R02 + Vector256.Create(_pose.Tx)) / depth;

    /// <summary>Camera y/z of world points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> SlopeY(Vector256<double> x, Vector256<double> y, Vector256<double> z, Vector256<double> depth) =>
        (x * _pose.R10 + y * _pose.R11 + z * _pose.R12 + Vector256.Create(_pose.Ty)) / depth;

    /// <summary>Pixel column of a ray.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> PixelX(Vector256<double> slope) => slope * _fx + Vector256.Create(_cx);

    /// <summary>Pixel row of a ray.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> PixelY(Vector256<double> slope) => slope * _fy + Vector256.Create(_cy);
}
