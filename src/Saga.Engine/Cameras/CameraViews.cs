using Saga.Engine.Cameras.Lenses;

namespace Saga.Engine.Cameras;

/// <summary>Turns what a camera file says into a checked view.</summary>
internal static class CameraViews
{
    /// <summary>More cameras than any capture has; bounds what one file can make the engine hold.</summary>
    public const int MaxViews = 100_000;

    private const int MaxNameLength = 255;

    /// <summary>Makes a view of a camera-to-world transform whose axes are x right, y down, z forward.</summary>
    /// <param name="image">The photo's name as the file gives it, folders and extension allowed.</param>
    /// <param name="intrinsics">Size, focal lengths, principal point.</param>
    /// <param name="axes">Rotation, row-major: its columns are the camera's axes in the world.</param>
    /// <param name="center">The camera's position in the world.</param>
    public static SceneView FromCameraToWorld(
        string image, CameraIntrinsics intrinsics, ReadOnlySpan<double> axes, ReadOnlySpan<double> center) =>
        Check(image, intrinsics, new CameraPose(
            axes[0], axes[3], axes[6], -(axes[0] * center[0] + axes[3] * center[1] + axes[6] * center[2]),
            axes[1], axes[4], axes[7], -(axes[1] * center[0] + axes[4] * center[1] + axes[7] * center[2]),
            axes[2], axes[5], axes[8], -(axes[2] * center[0] + axes[5] * center[1] + axes[8] * center[2])));

    /// <summary>Makes a view of a world-to-camera pose.</summary>
    public static SceneView Check(string image, CameraIntrinsics intrinsics, CameraPose pose)
    {
        string fileName = FileNameOf(image);
        string name = NameOf(fileName);
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            throw new InvalidCameraException(
                $"a camera belongs to the image «{Shorten(image)}»; expected a file name of 1 to {MaxNameLength} printable characters.");
        }

        try
        {
            var camera = new PinholeCamera(
                intrinsics.Width, intrinsics.Height, intrinsics.Fx, intrinsics.Fy, intrinsics.Cx, intrinsics.Cy, pose);
            camera.Validate();
            if (intrinsics.Distortion.IsNone)
            {
                return new SceneView(name, camera, fileName);
            }

            var lens = new CameraLens(
                intrinsics.Width, intrinsics.Height, intrinsics.Fx, intrinsics.Fy, intrinsics.Cx, intrinsics.Cy, intrinsics.Distortion);
            return new SceneView(name, StraightCamera.Of(lens, pose), fileName, lens);
        }
        catch (InvalidCameraException error)
        {
            throw new InvalidCameraException($"view «{Shorten(name)}»: {error.Message}", error);
        }
    }

    /// <summary>Refuses files with more cameras than <see cref="MaxViews"/>.</summary>
    public static void RefuseTooMany(long count)
    {
        if (count > MaxViews)
        {
            throw new InvalidCameraException($"the file lists {count} cameras or more; at most {MaxViews} are accepted.");
        }
    }

    /// <summary>The last part of a path written on any system.</summary>
    public static string FileNameOf(string image) => image[(image.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <summary>Keeps a stranger's text short and printable in messages.</summary>
    public static string Shorten(string text)
    {
        const int longest = 80;
        string printable = new([.. text.Take(longest).Select(c => char.IsControl(c) ? '?' : c)]);
        return text.Length > longest ? printable + "…" : printable;
    }

    private static string NameOf(string fileName)
    {
        // «frame.0001» has a number at its end, not an extension.
        int dot = fileName.LastIndexOf('.');
        return dot > 0 && fileName.AsSpan(dot + 1).ContainsAnyExceptInRange('0', '9') ? fileName[..dot] : fileName;
    }
}

/// <summary>What a lens and a sensor make of a camera-frame point; as in <see cref="PinholeCamera"/>.</summary>
internal readonly record struct CameraIntrinsics(
    int Width, int Height, double Fx, double Fy, double Cx, double Cy, LensDistortion Distortion = default);
