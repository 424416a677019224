using Saga.Engine.Cameras;

namespace Saga.Benchmarks.Furniture;

/// <summary>Views all around the ground at several heights, looking at its middle, as in samples/playroom.</summary>
internal static class CameraRig
{
    private const int ViewCount = 60;
    private const int Width = 640;
    private const int Height = 480;
    private const double Focal = 620;

    /// <summary>Height that all views look at, world units.</summary>
    private const double TargetHeight = 0.25;

    private const double MinElevationDegrees = 8;
    private const double MaxElevationDegrees = 48;
    private const double MinDistance = 2.25;
    private const double MaxDistance = 2.9;

    // Steps of the golden angle go around, steps of golden and plastic ratio up and away: no two views agree in any of the three.
    private const double GoldenAngleDegrees = 137.50776405003785;
    private const double GoldenStep = 0.618033988749895;
    private const double PlasticStep = 0.754877666246693;

    /// <summary>The views, by name.</summary>
    public static SceneView[] Create() => [.. Enumerable.Range(0, ViewCount).Select(View)];

    private static SceneView View(int index)
    {
        double azimuth = double.DegreesToRadians(GoldenAngleDegrees * index);
        double elevation = double.DegreesToRadians(double.Lerp(MinElevationDegrees, MaxElevationDegrees, index * GoldenStep % 1));
        double distance = double.Lerp(MinDistance, MaxDistance, index * PlasticStep % 1);
        (double sinA, double cosA) = Math.SinCos(azimuth);
        (double sinE, double cosE) = Math.SinCos(elevation);

        // Rows of the rotation: right, down, forward. The centre is the target minus distance · forward.
        (double X, double Y, double Z) forward = (-cosE * cosA, -sinE, -cosE * sinA);
        (double X, double Y, double Z) right = (sinA, 0, -cosA);
        (double X, double Y, double Z) down = (sinE * cosA, -cosE, sinE * sinA);
        (double X, double Y, double Z) center = (
            -distance * forward.X, TargetHeight - distance * forward.Y, -distance * forward.Z);
        double Toward((double X, double Y, double Z) axis) => -(axis.X * center.X + axis.Y * center.Y + axis.Z * center.Z);
        var pose = new CameraPose(
            right.X, right.Y, right.Z, Toward(right),
            down.X, down.Y, down.Z, Toward(down),
            forward.X, forward.Y, forward.Z, Toward(forward));
        string name = FormattableString.Invariant($"view_{index:000}");
        return new SceneView(name, new PinholeCamera(Width, Height, Focal, Focal, Width / 2.0, Height / 2.0, pose), name);
    }
}
