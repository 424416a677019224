using System.Text.Json;
using Saga.Engine.Cameras.Lenses;

namespace Saga.Engine.Cameras;

/// <summary>
/// nerfstudio's and Blender's <c>transforms.json</c>: camera-to-world matrices in the OpenGL frame (x right, y up, z backward).
/// </summary>
/// <remarks>The world frame is taken as the Gaussians' own; <c>applied_transform</c> and the like only tell how it came about.</remarks>
public static class TransformsJson
{
    /// <summary>Pixels of a photo where a Blender file does not tell: the size of the published synthetic scenes.</summary>
    public static readonly (int Width, int Height) DefaultImageSize = (800, 800);

    private const string Fisheye = "OPENCV_FISHEYE";

    // In the order of nerfstudio's distortion_params; k5 and k6 are of the rational model, which nerfstudio does not have.
    private static readonly string[] DistortionNames = ["k1", "k2", "k3", "k4", "p1", "p2", "k5", "k6"];

    // All one model, which is a plain pinhole once its coefficients are zero.
    private static readonly string[] RadialModels = ["OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "PERSPECTIVE"];

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
            CameraIntrinsics intrinsics = ReadIntrinsics(root, frame, imageSize, where) with { Distortion = ReadDistortion(root, frame, where) };
            views.Add(ReadFrame(image, intrinsics, frame, where));
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

    private static LensDistortion ReadDistortion(JsonElement root, JsonElement frame, string where)
    {
        string? model = CameraJson.Text(frame, "camera_model") ?? CameraJson.Text(root, "camera_model");
        bool isFisheye = Fisheye.Equals(model, StringComparison.OrdinalIgnoreCase) || IsTrue(frame, "is_fisheye") || IsTrue(root, "is_fisheye");
        if (model is not null && !isFisheye && !RadialModels.Contains(model, StringComparer.OrdinalIgnoreCase))
        {
            throw new InvalidCameraException(
                $"{where}: the camera model is {CameraViews.Shorten(model)}; expected {string.Join(", ", RadialModels)} or {Fisheye}. "
                + "Undistort the photos first (COLMAP's image_undistorter) and train the scene on those.");
        }

        double[] k = ReadCoefficients(root, frame, where);
        if (k[6] != 0 || k[7] != 0 || (!isFisheye && k[3] != 0) || (isFisheye && (k[4] != 0 || k[5] != 0)))
        {
            throw new InvalidCameraException(
                $"{where}: the lens has {(isFisheye ? "p1, p2, k5 or k6; a fisheye has k1 to k4" : "k4, k5 or k6; a lens of this file has k1, k2, k3, p1 and p2")}. "
                + "Undistort the photos first (COLMAP's image_undistorter).");
        }

        return isFisheye
            ? new LensDistortion(LensModel.Fisheye) { K1 = k[0], K2 = k[1], K3 = k[2], K4 = k[3] }
            : new LensDistortion(LensModel.Radial) { K1 = k[0], K2 = k[1], K3 = k[2], P1 = k[4], P2 = k[5] };
    }

    /// <summary>The coefficients by name, the frame's own first; or else as a list.</summary>
    private static double[] ReadCoefficients(JsonElement root, JsonElement frame, string where)
    {
        var values = new double[DistortionNames.Length];
        if (frame.TryGetProperty("distortion_params", out JsonElement list) || root.TryGetProperty("distortion_params", out list))
        {
            const int longest = 6;
            int count = list.ValueKind == JsonValueKind.Array ? list.GetArrayLength() : longest + 1;
            for (int i = 0; i < count; i++)
            {
                if (count > longest || list[i].ValueKind != JsonValueKind.Number || !list[i].TryGetDouble(out values[i]))
                {
                    throw new InvalidCameraException($"{where}: distortion_params is not a list of at most {longest} numbers (k1, k2, k3, k4, p1, p2).");
                }
            }
        }

        for (int i = 0; i < values.Length; i++)
        {
            string name = DistortionNames[i];
            values[i] = CameraJson.Number(frame, name, where) ?? CameraJson.Number(root, name, where) ?? values[i];
        }

        return values;
    }

    private static bool IsTrue(JsonElement owner, string property) =>
        owner.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.True;
}
