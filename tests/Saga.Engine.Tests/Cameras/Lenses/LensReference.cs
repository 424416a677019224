using Saga.Engine.Cameras.Lenses;

namespace Saga.Engine.Tests.Cameras.Lenses;

/// <summary>The models as COLMAP's documentation writes them, one by one, and their inverse by Newton's method.</summary>
internal static class LensReference
{
    public static readonly LensDistortion SimpleRadial = new(LensModel.Radial) { K1 = -0.21 };
    public static readonly LensDistortion Radial = new(LensModel.Radial) { K1 = 0.08, K2 = -0.03 };
    public static readonly LensDistortion OpenCv = new(LensModel.Radial) { K1 = -0.28, K2 = 0.09, P1 = 0.002, P2 = -0.0015 };
    public static readonly LensDistortion FullOpenCv = new(LensModel.Radial)
    {
        K1 = 0.3,
        K2 = 0.05,
        K3 = 0.01,
        K4 = 0.5,
        K5 = 0.02,
        K6 = 0.001,
        P1 = -0.001,
        P2 = 0.002,
    };

    public static readonly LensDistortion Fisheye = new(LensModel.Fisheye) { K1 = 0.03, K2 = -0.006, K3 = 0.002, K4 = -0.0005 };

    public static readonly (string Name, LensDistortion Distortion)[] All =
        [("SIMPLE_RADIAL", SimpleRadial), ("RADIAL", Radial), ("OPENCV", OpenCv), ("FULL_OPENCV", FullOpenCv), ("OPENCV_FISHEYE", Fisheye)];

    public static (double X, double Y) Distort(string model, LensDistortion d, double u, double v)
    {
        double r2 = u * u + v * v;
        switch (model)
        {
            case "SIMPLE_RADIAL":
                return (u + u * d.K1 * r2, v + v * d.K1 * r2);
            case "RADIAL":
                return (u + u * (d.K1 * r2 + d.K2 * r2 * r2), v + v * (d.K1 * r2 + d.K2 * r2 * r2));
            case "OPENCV":
                double radial = d.K1 * r2 + d.K2 * r2 * r2;
                return (
                    u + u * radial + 2 * d.P1 * u * v + d.P2 * (r2 + 2 * u * u),
                    v + v * radial + 2 * d.P2 * u * v + d.P1 * (r2 + 2 * v * v));
            case "FULL_OPENCV":
                double quotient = (1 + d.K1 * r2 + d.K2 * Math.Pow(r2, 2) + d.K3 * Math.Pow(r2, 3))
                    / (1 + d.K4 * r2 + d.K5 * Math.Pow(r2, 2) + d.K6 * Math.Pow(r2, 3));
                return (
                    u * quotient + 2 * d.P1 * u * v + d.P2 * (r2 + 2 * u * u),
                    v * quotient + 2 * d.P2 * u * v + d.P1 * (r2 + 2 * v * v));
            default:
                double r = Math.Sqrt(r2);
                double theta = Math.Atan2(r, 1);
                double bent = theta * (1 + d.K1 * Math.Pow(theta, 2) + d.K2 * Math.Pow(theta, 4) + d.K3 * Math.Pow(theta, 6) + d.K4 * Math.Pow(theta, 8));
                return r == 0 ? (0, 0) : (u * bent / r, v * bent / r);
        }
    }

    /// <summary>The direction that is distorted to (x, y).</summary>
    public static (double X, double Y) Undistort(LensDistortion d, double x, double y)
    {
        (double u, double v) = (x, y);
        for (int i = 0; i < 12; i++)
        {
            (double atX, double atY) = d.Distort(u, v);
            (double xx, double xy, double yx, double yy) = d.Jacobian(u, v);
            double determinant = xx * yy - xy * yx;
            (double errorX, double errorY) = (atX - x, atY - y);
            u -= (yy * errorX - xy * errorY) / determinant;
            v -= (xx * errorY - yx * errorX) / determinant;
        }

        return (u, v);
    }
}
