using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Rasterization.OpenCl;

/// <summary>A camera and the wanted tiles as raster.cl's <c>camera_t</c> has them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CameraNumbers
{
    private readonly Rotation64 _rotation;
    private readonly double _tx, _ty, _tz;
    private readonly double _fx, _fy, _cx, _cy;
    private readonly Rotation32 _rotation32;
    private readonly float _fx32, _fy32, _maxSlopeX, _maxSlopeY;
    private readonly float _regionLeft, _regionTop, _regionRight, _regionBottom;
    private readonly int _left, _top, _right, _bottom;
    private readonly int _columns;

    public CameraNumbers(PinholeCamera camera, TileRectangle region)
    {
        ProjectionCamera projection = new(camera, region);
        CameraPose pose = camera.Pose;
        ReadOnlySpan<double> rotation = [pose.R00, pose.R01, pose.R02, pose.R10, pose.R11, pose.R12, pose.R20, pose.R21, pose.R22];
        for (int i = 0; i < 9; i++)
        {
            _rotation[i] = rotation[i];
            _rotation32[i] = (float)rotation[i];
        }

        (_tx, _ty, _tz) = (pose.Tx, pose.Ty, pose.Tz);
        (_fx, _fy, _cx, _cy) = (camera.Fx, camera.Fy, camera.Cx, camera.Cy);
        (_fx32, _fy32, _maxSlopeX, _maxSlopeY) = (projection.Fx, projection.Fy, projection.MaxSlopeX, projection.MaxSlopeY);
        (_regionLeft, _regionTop) = (projection.RegionLeft, projection.RegionTop);
        (_regionRight, _regionBottom) = (projection.RegionRight, projection.RegionBottom);
        (_left, _top, _right, _bottom) = (region.Left, region.Top, region.Right, region.Bottom);
        _columns = TileGrid.Of(camera).Columns;
    }

    [InlineArray(9)]
    private struct Rotation64
    {
        private double _first;
    }

    [InlineArray(9)]
    private struct Rotation32
    {
        private float _first;
    }
}
