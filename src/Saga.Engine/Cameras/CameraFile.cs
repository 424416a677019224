using System.Text.Json;
using Saga.Engine.Archives;

namespace Saga.Engine.Cameras;

/// <summary>
/// Reads the cameras of a scene from any of the supported files: INRIA <c>cameras.json</c>, nerfstudio or Blender
/// <c>transforms.json</c>, or a zip of a COLMAP model (binary or text). The content decides, not the name.
/// </summary>
public static class CameraFile
{
    /// <summary>Reads and checks all cameras.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileName">What its owner calls it, for messages.</param>
    /// <param name="imageSize">
    /// Size of the photos in pixels, for Blender files, which do not say it; null for <see cref="TransformsJson.DefaultImageSize"/>.
    /// </param>
    /// <returns>At least one view, sorted by name, ordinal.</returns>
    /// <exception cref="InvalidCameraException">Not a camera file, damaged, or with a lens that no photo can be straightened from.</exception>
    public static IReadOnlyList<SceneView> Read(string path, string fileName, (int Width, int Height)? imageSize = null)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            return Sort(IsZip(file) ? ReadZip(file) : ReadJson(file, imageSize));
        }
        catch (InvalidCameraException error)
        {
            throw new InvalidCameraException($"{fileName}: {error.Message}", error);
        }
        catch (InvalidArchiveException error)
        {
            throw new InvalidCameraException($"{fileName}: {error.Message}", error);
        }
    }

    private static bool IsZip(FileStream file)
    {
        Span<byte> start = stackalloc byte[4];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 4 && start.StartsWith("PK"u8);
    }

    private static List<SceneView> ReadZip(FileStream file)
    {
        using SafeZip zip = SafeZip.Open(file, ColmapModel.Limits);
        return ColmapModel.Read(zip);
    }

    private static List<SceneView> ReadJson(FileStream file, (int Width, int Height)? imageSize)
    {
        using JsonDocument document = CameraJson.Parse(file);
        JsonElement root = document.RootElement;
        try
        {
            return root.ValueKind switch
            {
                JsonValueKind.Array => InriaCameras.Read(root),
                JsonValueKind.Object when root.TryGetProperty("frames", out _) => TransformsJson.Read(root, imageSize),
                _ => throw new InvalidCameraException(
                    "the file is neither an INRIA cameras.json (a list of cameras) nor a transforms.json (an object with frames)."),
            };
        }
        catch (InvalidOperationException error)
        {
            // What the JSON reader throws for bytes or escapes that are no text, only when the text is asked for.
            throw new InvalidCameraException("the file holds text that is not valid Unicode.", error);
        }
    }

    private static List<SceneView> Sort(List<SceneView> views)
    {
        if (views.Count == 0)
        {
            throw new InvalidCameraException("the file holds no camera; expected at least one.");
        }

        views.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        for (int i = 1; i < views.Count; i++)
        {
            if (views[i].Name == views[i - 1].Name)
            {
                throw new InvalidCameraException(
                    $"two cameras are named «{CameraViews.Shorten(views[i].Name)}» ({CameraViews.Shorten(views[i - 1].ImageFileName)} and "
                    + $"{CameraViews.Shorten(views[i].ImageFileName)}); photos and masks are matched by that name, so each needs its own.");
            }
        }

        return views;
    }
}
