using Saga.Engine.Cameras.Lenses;

namespace Saga.Engine.Cameras;

/// <summary>COLMAP's camera models: which there are, how many parameters they take, and what lenses they are.</summary>
internal static class ColmapLens
{
    // By model id, as COLMAP numbers them.
    private static readonly (string Name, int Parameters)[] Models =
    [
        ("SIMPLE_PINHOLE", 3), ("PINHOLE", 4), ("SIMPLE_RADIAL", 4), ("RADIAL", 5), ("OPENCV", 8), ("OPENCV_FISHEYE", 8),
        ("FULL_OPENCV", 12), ("FOV", 5), ("SIMPLE_RADIAL_FISHEYE", 4), ("RADIAL_FISHEYE", 5), ("THIN_PRISM_FISHEYE", 12),
    ];

    public static string NameOf(int modelId, long cameraId) => modelId >= 0 && modelId < Models.Length
        ? Models[modelId].Name
        : throw new InvalidCameraException($"camera {cameraId} has the unknown model {modelId}; expected one of COLMAP's models 0 to 10.");

    public static int ParameterCount(string model) => Models.FirstOrDefault(m => m.Name == model).Parameters;

    /// <summary>Refuses models that no photo is straightened from, by name.</summary>
    public static void RefuseUnknown(string model, long cameraId)
    {
        if (model is "FOV" or "THIN_PRISM_FISHEYE" || ParameterCount(model) == 0)
        {
            throw new InvalidCameraException(
                $"camera {cameraId} has the model {CameraViews.Shorten(model)}; expected a pinhole, radial, OpenCV or fisheye model. "
                + "Run COLMAP's image_undistorter and upload its sparse model and photos.");
        }
    }

    /// <param name="model">One that <see cref="RefuseUnknown"/> lets through.</param>
    /// <param name="width">Pixels, as the file says.</param>
    /// <param name="height">Pixels, as the file says.</param>
    /// <param name="p">As many as <see cref="ParameterCount"/> says, in COLMAP's order.</param>
    public static CameraIntrinsics Make(string model, long width, long height, ReadOnlySpan<double> p)
    {
        int w = (int)Math.Clamp(width, 0, int.MaxValue);
        int h = (int)Math.Clamp(height, 0, int.MaxValue);
        return HasOneFocal(model)
            ? new CameraIntrinsics(w, h, p[0], p[0], p[1], p[2], Distortion(model, p[3..]))
            : new CameraIntrinsics(w, h, p[0], p[1], p[2], p[3], Distortion(model, p[4..]));
    }

    private static bool HasOneFocal(string model) => model.StartsWith("SIMPLE_", StringComparison.Ordinal) || model is "RADIAL" or "RADIAL_FISHEYE";

    private static LensDistortion Distortion(string model, ReadOnlySpan<double> k) => model switch
    {
        "SIMPLE_RADIAL" => new LensDistortion(LensModel.Radial) { K1 = k[0] },
        "RADIAL" => new LensDistortion(LensModel.Radial) { K1 = k[0], K2 = k[1] },
        "OPENCV" => new LensDistortion(LensModel.Radial) { K1 = k[0], K2 = k[1], P1 = k[2], P2 = k[3] },
        "FULL_OPENCV" => new LensDistortion(LensModel.Radial)
        {
            K1 = k[0],
            K2 = k[1],
            P1 = k[2],
            P2 = k[3],
            K3 = k[4],
            K4 = k[5],
            K5 = k[6],
            K6 = k[7],
        },
        "OPENCV_FISHEYE" => new LensDistortion(LensModel.Fisheye) { K1 = k[0], K2 = k[1], K3 = k[2], K4 = k[3] },
        "SIMPLE_RADIAL_FISHEYE" => new LensDistortion(LensModel.Fisheye) { K1 = k[0] },
        "RADIAL_FISHEYE" => new LensDistortion(LensModel.Fisheye) { K1 = k[0], K2 = k[1] },
        _ => default,
    };

    /// <summary>A world-to-camera pose from a quaternion w x y z and a translation.</summary>
    /// <param name="image">For messages.</param>
    /// <param name="q">Quaternion; COLMAP writes unit ones, and rounding is repaired.</param>
    /// <param name="t">Translation, world units.</param>
    public static CameraPose Pose(string image, ReadOnlySpan<double> q, ReadOnlySpan<double> t)
    {
        double norm = Math.Sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
        if (!(Math.Abs(norm - 1) <= CameraPose.OrthonormalTolerance))
        {
            throw new InvalidCameraException(FormattableString.Invariant(
                $"view «{CameraViews.Shorten(image)}»: its quaternion has the length {norm:0.####}; a rotation has length 1."));
        }

        (double w, double x, double y, double z) = (q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm);
        return new CameraPose(
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), t[0],
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x), t[1],
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y), t[2]);
    }
}
