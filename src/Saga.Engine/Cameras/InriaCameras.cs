using System.Text.Json;

namespace Saga.Engine.Cameras;

/// <summary>
/// The <c>cameras.json</c> that 3DGS training writes: position is the camera's centre, rotation is camera-to-world with x right,
/// y down, z forward; the principal point is the image's centre unless <c>cx</c> and <c>cy</c> say otherwise.
/// </summary>
public static class InriaCameras
{
    internal static List<SceneView> Read(JsonElement root)
    {
        CameraViews.RefuseTooMany(root.GetArrayLength());
        var views = new List<SceneView>();
        foreach (JsonElement camera in root.EnumerateArray())
        {
            views.Add(ReadOne(camera, views.Count));
        }

        return views;
    }

    /// <summary>Writes views in this format.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="views">In the order of their ids.</param>
    public static void Write(Stream stream, IReadOnlyList<SceneView> views)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartArray();
        for (int id = 0; id < views.Count; id++)
        {
            PinholeCamera camera = views[id].Camera;
            CameraPose pose = camera.Pose;
            (double x, double y, double z) = pose.Center;
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("img_name", views[id].ImageFileName);
            json.WriteNumber("width", camera.Width);
            json.WriteNumber("height", camera.Height);
            json.WritePropertyName("position");
            WriteRow(json, x, y, z);
            json.WriteStartArray("rotation");
            WriteRow(json, pose.R00, pose.R10, pose.R20);
            WriteRow(json, pose.R01, pose.R11, pose.R21);
            WriteRow(json, pose.R02, pose.R12, pose.R22);
            json.WriteEndArray();
            json.WriteNumber("fx", camera.Fx);
            json.WriteNumber("fy", camera.Fy);
            json.WriteNumber("cx", camera.Cx);
            json.WriteNumber("cy", camera.Cy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, double a, double b, double c)
    {
        json.WriteStartArray();
        json.WriteNumberValue(a);
        json.WriteNumberValue(b);
        json.WriteNumberValue(c);
        json.WriteEndArray();
    }

    private static SceneView ReadOne(JsonElement camera, int index)
    {
        if (camera.ValueKind != JsonValueKind.Object || CameraJson.Text(camera, "img_name") is not { } image)
        {
            throw new InvalidCameraException($"camera {index} has no img_name; expected an object as 3DGS training writes it.");
        }

        string where = $"view «{CameraViews.Shorten(image)}»";
        int width = CameraJson.Pixels(camera, "width", where) ?? throw Missing(where, "width");
        int height = CameraJson.Pixels(camera, "height", where) ?? throw Missing(where, "height");
        double fx = CameraJson.Number(camera, "fx", where) ?? throw Missing(where, "fx");
        var intrinsics = new CameraIntrinsics(
            width,
            height,
            fx,
            CameraJson.Number(camera, "fy", where) ?? fx,
            CameraJson.Number(camera, "cx", where) ?? width / 2.0,
            CameraJson.Number(camera, "cy", where) ?? height / 2.0);
        return CameraViews.FromCameraToWorld(
            image,
            intrinsics,
            CameraJson.Matrix(camera, "rotation", 3, 3, where),
            CameraJson.Vector(camera, "position", 3, where));
    }

    private static InvalidCameraException Missing(string where, string property) =>
        new($"{where}: {property} is missing; a camera needs img_name, width, height, position, rotation, fx and fy.");
}
