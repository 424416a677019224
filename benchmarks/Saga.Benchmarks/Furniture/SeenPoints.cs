using System.Numerics;
using Saga.Engine.Cameras;

namespace Saga.Benchmarks.Furniture;

/// <summary>
/// Tells what some view sees of a surface. A capture has no Gaussians inside a closed cupboard, and no mask could say what they are.
/// </summary>
/// <param name="cameras">The views.</param>
/// <param name="views">What they see, in the same order.</param>
internal sealed class SeenPoints(IReadOnlyList<PinholeCamera> cameras, IReadOnlyList<SurfaceView> views)
{
    /// <summary>
    /// How far behind the nearest face a point of it may seem, world units: a pixel is 0.004 wide on the ground, and its depth is that
    /// of its centre.
    /// </summary>
    private const double DepthTolerance = 0.005;

    /// <summary>True when at least one view shows the part at the point, and the nearest face lies at its depth.</summary>
    public bool Contains(Vector3 point, ushort part)
    {
        for (int i = 0; i < views.Count; i++)
        {
            PinholeCamera camera = cameras[i];
            (double x, double y, double z) = camera.Pose.Transform(point.X, point.Y, point.Z);
            double column = camera.Fx * x / z + camera.Cx;
            double row = camera.Fy * y / z + camera.Cy;
            if (z > 0 && column >= 0 && column < camera.Width && row >= 0 && row < camera.Height)
            {
                int pixel = (int)row * camera.Width + (int)column;
                if (views[i].Parts[pixel] == part && (z - DepthTolerance) * views[i].InverseDepths[pixel] <= 1)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
