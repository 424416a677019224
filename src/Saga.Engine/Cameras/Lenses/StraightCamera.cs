namespace Saga.Engine.Cameras.Lenses;

/// <summary>Chooses the pinhole camera that a distorted photo is straightened to.</summary>
/// <remarks>
/// The size and the principal point stay those of the photo; the focal lengths are multiplied by the smallest zoom at which every
/// pixel of the straight picture shows something of the photo: no black borders, as much of the photo as that allows. What lies
/// farther than <see cref="MaxTangent"/> from the axis is cut off, for a fisheye's edge would stretch without end.
/// </remarks>
internal static class StraightCamera
{
    /// <summary>tan 60°: at most 120° across or down.</summary>
    public const double MaxTangent = 1.7320508075688772;

    // As COLMAP's image_undistorter bounds the size of its pictures. A lens that needs more is no lens but a failed calibration.
    private const double MinZoom = 0.2;
    private const double MaxZoom = 2;

    private const int BorderSteps = 64;
    private const int GridSteps = 24;
    private const int Halvings = 30;
    private const double RadiusStep = 1.0 / 256;

    /// <summary>Chooses the camera.</summary>
    /// <param name="lens">What took the photo; its pinhole part is checked already.</param>
    /// <param name="pose">Where it stood.</param>
    /// <exception cref="InvalidCameraException">The coefficients are no numbers, or describe no lens.</exception>
    public static PinholeCamera Of(CameraLens lens, CameraPose pose)
    {
        LensDistortion d = lens.Distortion;
        if (!double.IsFinite(d.K1 + d.K2 + d.K3 + d.K4 + d.K5 + d.K6 + d.P1 + d.P2))
        {
            throw new InvalidCameraException("A distortion coefficient is not a finite number.");
        }

        double reach = Reach(d);
        if (!Fits(lens, MaxZoom, reach))
        {
            throw Unusable(d, "the picture folds over, or little of it is left, within the photo");
        }

        // Wider pictures hold narrower ones, so what fits is one interval that ends at the greatest zoom.
        (double low, double high) = Fits(lens, MinZoom, reach) ? (MinZoom, MinZoom) : (MinZoom, MaxZoom);
        for (int i = 0; i < Halvings && low < high; i++)
        {
            double middle = Math.Sqrt(low * high);
            (low, high) = Fits(lens, middle, reach) ? (low, middle) : (middle, high);
        }

        var camera = new PinholeCamera(lens.Width, lens.Height, lens.Fx * high, lens.Fy * high, lens.Cx, lens.Cy, pose);
        return IsOneToOne(d, camera) ? camera : throw Unusable(d, "two directions fall on one pixel");
    }

    /// <summary>The distance from the axis up to which the lens pushes outwards what lies farther out.</summary>
    private static double Reach(LensDistortion distortion)
    {
        double before = 0;
        for (double r = RadiusStep; r <= Math.Sqrt(2) * MaxTangent; r += RadiusStep)
        {
            double now = r * distortion.RadialFactor(r * r);
            if (!(now > before))
            {
                return r - RadiusStep;
            }

            before = now;
        }

        return double.PositiveInfinity;
    }

    /// <summary>True when the border of the straight picture lies within the photo; what is inside it then does too.</summary>
    private static bool Fits(CameraLens lens, double zoom, double reach)
    {
        for (int i = 0; i <= BorderSteps; i++)
        {
            double u = (double)lens.Width * i / BorderSteps;
            double v = (double)lens.Height * i / BorderSteps;
            if (!(Shows(u, 0) && Shows(u, lens.Height) && Shows(0, v) && Shows(lens.Width, v)))
            {
                return false;
            }
        }

        return true;

        bool Shows(double u, double v)
        {
            double x = (u - lens.Cx) / (lens.Fx * zoom);
            double y = (v - lens.Cy) / (lens.Fy * zoom);
            if (Math.Abs(x) > MaxTangent || Math.Abs(y) > MaxTangent || x * x + y * y > reach * reach)
            {
                return false;
            }

            (double photoU, double photoV) = lens.Project(x, y);
            return photoU >= 0 && photoU <= lens.Width && photoV >= 0 && photoV <= lens.Height;
        }
    }

    /// <summary>A map whose determinant is positive everywhere turns nothing over.</summary>
    private static bool IsOneToOne(LensDistortion distortion, PinholeCamera camera)
    {
        for (int i = 0; i <= GridSteps; i++)
        {
            for (int j = 0; j <= GridSteps; j++)
            {
                double x = ((double)camera.Width * i / GridSteps - camera.Cx) / camera.Fx;
                double y = ((double)camera.Height * j / GridSteps - camera.Cy) / camera.Fy;
                (double xx, double xy, double yx, double yy) = distortion.Jacobian(x, y);
                if (!(xx * yy - xy * yx > 0))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static InvalidCameraException Unusable(LensDistortion d, string what) => new(FormattableString.Invariant(
        $"The distortion (k1={d.K1}, k2={d.K2}, k3={d.K3}, k4={d.K4}, p1={d.P1}, p2={d.P2}) is that of no lens: {what}. ")
        + "Was the calibration a failure? Calibrate again, or undistort the photos and upload their pinhole cameras.");
}
