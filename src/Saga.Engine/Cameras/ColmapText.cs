using System.Globalization;
using System.Text;

namespace Saga.Engine.Cameras;

/// <summary>Reads COLMAP's cameras.txt and images.txt.</summary>
internal static class ColmapText
{
    public static Dictionary<long, CameraIntrinsics> ReadCameras(byte[] bytes)
    {
        var cameras = new Dictionary<long, CameraIntrinsics>();
        foreach ((int number, string line) in Lines(bytes))
        {
            string[] words = Words(line);
            if (words.Length == 0 || words[0][0] == '#')
            {
                continue;
            }

            // CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]
            string where = $"cameras.txt, line {number}";
            if (words.Length < 4)
            {
                throw new InvalidCameraException($"{where}: expected CAMERA_ID MODEL WIDTH HEIGHT PARAMS.");
            }

            long id = Whole(words[0], where);
            string model = words[1];
            ColmapLens.RefuseUnknown(model, id);
            int expected = ColmapLens.ParameterCount(model);
            if (words.Length != 4 + expected)
            {
                throw new InvalidCameraException($"{where}: {words.Length - 4} parameters; {model} has {expected}.");
            }

            double[] parameters = [.. words.Skip(4).Select(w => Number(w, where))];
            cameras[id] = ColmapLens.Make(model, Whole(words[2], where), Whole(words[3], where), parameters);
        }

        return cameras;
    }

    public static List<SceneView> ReadImages(byte[] bytes, Dictionary<long, CameraIntrinsics> cameras)
    {
        var views = new List<SceneView>();
        bool pointsFollow = false;
        foreach ((int number, string line) in Lines(bytes))
        {
            // Every image has two lines; the second, its feature points, may be empty.
            if (pointsFollow)
            {
                pointsFollow = false;
                continue;
            }

            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            // IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME; a name may hold blanks.
            string where = $"images.txt, line {number}";
            string[] words = line.Split(' ', 10, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 10)
            {
                throw new InvalidCameraException($"{where}: expected IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME.");
            }

            double[] pose = [.. words.Skip(1).Take(7).Select(w => Number(w, where))];
            CameraViews.RefuseTooMany(views.Count + 1L);
            views.Add(MakeView(words[9], Whole(words[8], where), cameras, pose));
            pointsFollow = true;
        }

        return views;
    }

    /// <summary>Joins an image to its camera.</summary>
    /// <param name="name">The photo's path.</param>
    /// <param name="cameraId">Must be among the cameras.</param>
    /// <param name="cameras">By id.</param>
    /// <param name="pose">qw qx qy qz tx ty tz, world-to-camera.</param>
    public static SceneView MakeView(
        string name, long cameraId, Dictionary<long, CameraIntrinsics> cameras, ReadOnlySpan<double> pose)
    {
        if (!cameras.TryGetValue(cameraId, out CameraIntrinsics intrinsics))
        {
            throw new InvalidCameraException($"view «{CameraViews.Shorten(name)}»: its camera {cameraId} is not in the cameras file.");
        }

        return CameraViews.Check(name, intrinsics, ColmapLens.Pose(name, pose[..4], pose[4..]));
    }

    private static IEnumerable<(int Number, string Line)> Lines(byte[] bytes)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            yield return (number, line.Trim());
        }
    }

    private static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static long Whole(string word, string where) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new InvalidCameraException($"{where}: «{CameraViews.Shorten(word)}» is not a whole number.");

    private static double Number(string word, string where) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new InvalidCameraException($"{where}: «{CameraViews.Shorten(word)}» is not a number.");
}
