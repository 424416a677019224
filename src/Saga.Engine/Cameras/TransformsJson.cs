using System.Text.Json;

namespace Saga.Engine.Cameras;

/// <summary>
/// nerfstudio's and Blender's <c>transforms.json</c>: camera-to-world matrices in the OpenGL frame (x right, y up, z backward).
/// </summary>
/// <remarks>The world frame is taken as the Gaussians' own; <c>applied_transform</c> and the like only tell how it came about.</remarks>
public static class TransformsJson
{
    /// <summary>Pixels of a photo where a Blender file does not tell: the size of the published synthetic scenes.</summary>
    public static readonly (int Width, int Height) DefaultImageSize = (800, 800);

    private static readonly string[] DistortionNames = ["k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2"];

    // Models that are a plain pinhole once their coefficients are zero.
    private static readonly string[] PinholeModels = ["OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "PERSPECTIVE"];

    internal static List<SceneView> Read(JsonElement root, (int Width, int Height)? imageSize)
    {
        JsonElement frames = root.GetProperty("frames");
        if (frames.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidCameraException("frames is not a list of cameras.");
        }

        CameraViews.RefuseTooMany(frames.GetArrayLength());
        var views = new List<SceneView>();
        foreach (JsonElement frame in frames.EnumerateArray())
        {
            if (frame.ValueKind != JsonValueKind.Object || CameraJson.Text(frame, "file_path") is not { } image)
            {
                throw new InvalidCameraException($"frame {views.Count} has no file_path; expected an object with file_path and transform_matrix.");
            }

            string where = $"view «{CameraViews.Shorten(image)}»";
            RefuseDistortion(root, frame, where);
            views.Add(ReadFrame(image, ReadIntrinsics(root, frame, imageSize, where), frame, where));
        }

        return views;
    }

    private static SceneView ReadFrame(string image, CameraIntrinsics intrinsics, JsonElement frame, string where)
    {
        double[] m = CameraJson.Matrix(frame, "transform_matrix", 4, 4, where);
        if (Math.Abs(m[12]) + Math.Abs(m[13]) + Math.Abs(m[14]) + Math.Abs(m[15] - 1) > CameraPose.OrthonormalTolerance)
        {
            throw new InvalidCameraException($"{where}: transform_matrix's last row is not 0 0 0 1; is the matrix transposed (column-major)?");
        }

        // OpenGL to ours: the camera's y and z axes point the other way.
        return CameraViews.FromCameraToWorld(
            image, intrinsics, [m[0], -m[1], -m[2], m[4], -m[5], -m[6], m[8], -m[9], -m[10]], [m[3], m[7], m[11]]);
    }

    /// <summary>The frame's own numbers come first, then the file's; without focal lengths the field of view counts.</summary>
    private static CameraIntrinsics ReadIntrinsics(
        JsonElement root, JsonElement frame, (int Width, int Height)? imageSize, string where)
    {
        double? Find(string property) =>
            CameraJson.Number(frame, property, where) ?? CameraJson.Number(root, property, where);

        int? FindPixels(string property) =>
            CameraJson.Pixels(frame, property, where) ?? CameraJson.Pixels(root, property, where);

        double? FindAngle(string property) => Find(property) is not { } angle || (angle > 0 && angle < Math.PI)
            ? Find(property)
            : throw new InvalidCameraException(FormattableString.Invariant(
                $"{where}: {property} is {angle}; a field of view is more than 0 and less than π radians."));

        double? fx = Find("fl_x");
        double? fy = Find("fl_y");
        double? angleX = FindAngle("camera_angle_x");
        double? angleY = FindAngle("camera_angle_y");
        (int defaultWidth, int defaultHeight) = imageSize ?? DefaultImageSize;
        int? ownWidth = FindPixels("w");
        int? ownHeight = FindPixels("h");
        if (imageSize is null && fx is not null && (ownWidth is null || ownHeight is null))
        {
            throw new InvalidCameraException($"{where}: w and h are missing; with fl_x the file must say the photos' size in pixels.");
        }

        int width = ownWidth ?? defaultWidth;
        int height = ownHeight ?? defaultHeight;
        double focalX = fx ?? FocalOf(angleX, width) ?? fy ?? FocalOf(angleY, height)
            ?? throw new InvalidCameraException($"{where}: neither fl_x nor camera_angle_x is given; one of them is needed.");
        double focalY = fy ?? (fx is null ? FocalOf(angleY, height) : null) ?? focalX;
        return new CameraIntrinsics(width, height, focalX, focalY, Find("cx") ?? width / 2.0, Find("cy") ?? height / 2.0);
    }

    private static double? FocalOf(double? angle, int pixels) => angle is { } a ? pixels / (2 * Math.Tan(a / 2)) : null;

    private static void RefuseDistortion(JsonElement root, JsonElement frame, string where)
    {
        string? model = CameraJson.Text(frame, "camera_model") ?? CameraJson.Text(root, "camera_model");
        if (model is not null && !PinholeModels.Contains(model, StringComparer.OrdinalIgnoreCase))
        {
            throw new InvalidCameraException(
                $"{where}: the camera model is {CameraViews.Shorten(model)}; expected an undistorted pinhole. Undistort the photos first "
                + "(COLMAP's image_undistorter) and train the scene on those.");
        }

        JsonElement fisheye = default;
        if ((frame.TryGetProperty("is_fisheye", out fisheye) || root.TryGetProperty("is_fisheye", out fisheye))
            && fisheye.ValueKind == JsonValueKind.True)
        {
            throw new InvalidCameraException($"{where}: the lens is a fisheye; undistort the photos first (COLMAP's image_undistorter).");
        }

        JsonElement list = default;
        if ((frame.TryGetProperty("distortion_params", out list) || root.TryGetProperty("distortion_params", out list))
            && list.ValueKind == JsonValueKind.Array
            && list.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.Number || v.GetDouble() != 0))
        {
            throw new InvalidCameraException(
                $"{where}: the lens is distorted (distortion_params); undistort the photos first (COLMAP's image_undistorter).");
        }

        foreach (string name in DistortionNames)
        {
            double value = CameraJson.Number(frame, name, where) ?? CameraJson.Number(root, name, where) ?? 0;
            if (value != 0)
            {
                throw new InvalidCameraException(FormattableString.Invariant(
                    $"{where}: the lens is distorted ({name} = {value}); undistort the photos first (COLMAP's image_undistorter) and set it to 0."));
            }
        }
    }
}
