using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Saga.Engine.Cameras;

namespace Saga.Engine.Tests.Cameras;

/// <summary>The same cameras written in every format, straight from the formats' descriptions.</summary>
internal static class CameraTestFiles
{
    /// <summary>Cameras around the origin with square pixels and a centred principal point, which every format can say.</summary>
    public static SceneView[] Views(int count = 4) => [.. Enumerable.Range(0, count).Select(i =>
    {
        (double[] rotation, _) = Rotation(i);
        double[] r = rotation;
        var pose = new CameraPose(r[0], r[1], r[2], 0.1 * i, r[3], r[4], r[5], -0.2, r[6], r[7], r[8], 3 + i);
        return new SceneView($"photo_{i}", new PinholeCamera(640, 480, 512.5, 512.5, 320, 240, pose), $"photo_{i}.png");
    })];

    /// <summary>World-to-camera rotation i, row-major, and its quaternion w x y z.</summary>
    public static (double[] Matrix, double[] Quaternion) Rotation(int i)
    {
        Random random = new(100 + i);
        double[] q = [.. Enumerable.Range(0, 4).Select(_ => random.NextDouble() * 2 - 1)];
        double norm = Math.Sqrt(q.Sum(v => v * v));
        (double w, double x, double y, double z) = (q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm);
        return (
            [
                1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
                2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
                2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
            ],
            [w, x, y, z]);
    }

    public static byte[] Inria(SceneView[] views) => Json(views.Select((v, id) =>
    {
        double[] p = v.Camera.Pose.ToRowMajor();
        (double x, double y, double z) = v.Camera.Pose.Center;
        return new Dictionary<string, object>
        {
            ["id"] = id,
            ["img_name"] = v.Name,
            ["width"] = v.Camera.Width,
            ["height"] = v.Camera.Height,
            ["position"] = new[] { x, y, z },
            ["rotation"] = new[] { new[] { p[0], p[4], p[8] }, [p[1], p[5], p[9]], [p[2], p[6], p[10]] },
            ["fx"] = v.Camera.Fx,
            ["fy"] = v.Camera.Fy,
        };
    }).ToArray());

    public static byte[] Nerfstudio(SceneView[] views) => Json(new Dictionary<string, object>
    {
        ["camera_model"] = "OPENCV",
        ["fl_x"] = views[0].Camera.Fx,
        ["fl_y"] = views[0].Camera.Fy,
        ["cx"] = views[0].Camera.Cx,
        ["cy"] = views[0].Camera.Cy,
        ["w"] = views[0].Camera.Width,
        ["h"] = views[0].Camera.Height,
        ["k1"] = 0.0,
        ["frames"] = views.Select(v => Frame($"images/{v.ImageFileName}", v.Camera.Pose)).ToArray(),
    });

    public static byte[] Blender(SceneView[] views) => Json(new Dictionary<string, object>
    {
        ["camera_angle_x"] = 2 * Math.Atan(views[0].Camera.Width / (2 * views[0].Camera.Fx)),
        ["frames"] = views.Select(v => Frame($"./train/{v.Name}", v.Camera.Pose)).ToArray(),
    });

    public static (byte[] Cameras, byte[] Images) ColmapText(SceneView[] views)
    {
        PinholeCamera camera = views[0].Camera;
        var images = new StringBuilder("# Image list with two lines of data per image:\n");
        for (int i = 0; i < views.Length; i++)
        {
            double[] q = Rotation(i).Quaternion;
            CameraPose pose = views[i].Camera.Pose;
            images.Append(
                CultureInfo.InvariantCulture,
                $"{i + 1} {q[0]:R} {q[1]:R} {q[2]:R} {q[3]:R} {pose.Tx:R} {pose.Ty:R} {pose.Tz:R} 7 {views[i].ImageFileName}\n");
            images.Append(i % 2 == 0 ? "\n" : "12.5 3.25 -1 9 9 44\n");
        }

        string cameras = FormattableString.Invariant(
            $"# Camera list\n7 PINHOLE {camera.Width} {camera.Height} {camera.Fx:R} {camera.Fy:R} {camera.Cx:R} {camera.Cy:R}\n");
        return (Encoding.UTF8.GetBytes(cameras), Encoding.UTF8.GetBytes(images.ToString()));
    }

    public static (byte[] Cameras, byte[] Images) ColmapBinary(SceneView[] views, int model = 1, params double[] distortion)
    {
        PinholeCamera camera = views[0].Camera;
        using var cameras = new MemoryStream();
        using (var writer = new BinaryWriter(cameras))
        {
            writer.Write(1UL);
            writer.Write(7u);
            writer.Write(model);
            writer.Write((ulong)camera.Width);
            writer.Write((ulong)camera.Height);
            bool hasOneFocal = model is 0 or 2 or 3 or 8 or 9;
            double[] pinhole = hasOneFocal ? [camera.Fx, camera.Cx, camera.Cy] : [camera.Fx, camera.Fy, camera.Cx, camera.Cy];
            foreach (double parameter in (double[])[.. pinhole, .. distortion])
            {
                writer.Write(parameter);
            }
        }

        using var images = new MemoryStream();
        using (var writer = new BinaryWriter(images))
        {
            writer.Write((ulong)views.Length);
            for (int i = 0; i < views.Length; i++)
            {
                CameraPose pose = views[i].Camera.Pose;
                writer.Write((uint)(i + 1));
                foreach (double value in (double[])[.. Rotation(i).Quaternion, pose.Tx, pose.Ty, pose.Tz])
                {
                    writer.Write(value);
                }

                writer.Write(7u);
                writer.Write(Encoding.UTF8.GetBytes(views[i].ImageFileName + "\0"));
                writer.Write((ulong)i);
                for (int point = 0; point < i; point++)
                {
                    writer.Write(1.5);
                    writer.Write(2.5);
                    writer.Write(-1L);
                }
            }
        }

        return (cameras.ToArray(), images.ToArray());
    }

    public static byte[] Zip(params (string Name, byte[] Bytes)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] bytes) in files)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static Dictionary<string, object> Frame(string image, CameraPose pose)
    {
        double[] p = pose.ToRowMajor();
        (double x, double y, double z) = pose.Center;
        return new Dictionary<string, object>
        {
            ["file_path"] = image,
            ["transform_matrix"] = new[]
            {
                new[] { p[0], -p[4], -p[8], x },
                [p[1], -p[5], -p[9], y],
                [p[2], -p[6], -p[10], z],
                [0, 0, 0, 1],
            },
        };
    }

    private static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value);
}
