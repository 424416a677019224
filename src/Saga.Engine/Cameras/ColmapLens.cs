namespace Saga.Engine.Cameras;

/// <summary>COLMAP's camera models: which there are, how many parameters they take, and which of them are plain pinholes.</summary>
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
        : throw new InvalidCameraException($"camera {cameraId} has the unknown model {modelId}; expected PINHOLE or SIMPLE_PINHOLE.");

    public static int ParameterCount(string model) => Models.FirstOrDefault(m => m.Name == model).Parameters;

    /// <summary>Refuses distorted models by name.</summary>
    public static void RefuseDistorted(string model, long cameraId)
    {
        if (model is not ("PINHOLE" or "SIMPLE_PINHOLE"))
        {
            throw new InvalidCameraException(
                $"camera {cameraId} has the model {CameraViews.Shorten(model)}; expected PINHOLE or SIMPLE_PINHOLE. "
                + "Run COLMAP's image_undistorter and upload its sparse model.");
        }
    }

    public static CameraIntrinsics Make(string model, long width, long height, ReadOnlySpan<double> parameters)
    {
        int w = (int)Math.Clamp(width, 0, int.MaxValue);
        int h = (int)Math.Clamp(height, 0, int.MaxValue);
        return model == "SIMPLE_PINHOLE"
            ? new CameraIntrinsics(w, h, parameters[0], parameters[0], parameters[1], parameters[2])
            : new CameraIntrinsics(w, h, parameters[0], parameters[1], parameters[2], parameters[3]);
    }

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
