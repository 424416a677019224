using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Saga.Engine.Affinity;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Api.Tests;

/// <summary>
/// A small scene made in code: two balls of Gaussians, the first half of the file on the left (-1, 0, 0) and the second on the
/// right (1, 0, 0), four views from the front, masks of both balls in each, and a model that tells them apart.
/// </summary>
internal static class TwoBlobs
{
    public const int Count = 300;
    public const int Half = Count / 2;
    public const int Width = 64;
    public const int Height = 48;
    public const int Views = 4;

    /// <summary>Where view 1, which looks straight on, shows the middle of the left ball.</summary>
    public const double LeftX = 17.0;
    public const double RightX = 47.0;
    public const double MiddleY = 24.0;

    private const double Focal = 60;
    private const double Distance = 4;
    private const double Radius = 0.4;

    private static readonly string[] Properties =
    [
        "x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
    ];

    public static byte[] Ply { get; } = WritePly(Properties, "float", Records());

    public static byte[] Cameras { get; } = CameraJson(i => Yaw(i));

    public static byte[] Masks { get; } = Zip([.. Enumerable.Range(0, Views).Select(i => ($"masks/view_{i:000}.json", SamJson(i)))]);

    public static byte[] Images { get; } = Zip([("view_000.png", OnePixelPng), ("view_002.png", OnePixelPng)]);

    public static byte[] Model { get; } = WriteModel(Ply);

    /// <summary>The same, and at scales under a half it tells the upper part of the left ball from the lower.</summary>
    public static byte[] ModelWithParts { get; } = WriteModel(Ply, hasParts: true);

    /// <summary>The records of the upper part of the left ball; y points down.</summary>
    public static int[] LeftUpper => [.. Enumerable.Range(0, Half).Where(i => Records()[i][1] < 0)];

    public static (string Part, byte[] Bytes, string FileName)[] AllFiles =>
    [
        ("gaussians", Ply, "blobs.ply"), ("cameras", Cameras, "cameras.json"), ("masks", Masks, "masks.zip"), ("images", Images, "images.zip"),
    ];

    /// <summary>The smallest PNG: 1×1, grey.</summary>
    public static byte[] OnePixelPng => Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");

    public static float[][] Records()
    {
        Random random = new(42);
        var records = new float[Count][];
        for (int i = 0; i < Count; i++)
        {
            double x, y, z;
            do
            {
                (x, y, z) = (2 * random.NextDouble() - 1, 2 * random.NextDouble() - 1, 2 * random.NextDouble() - 1);
            }
            while (x * x + y * y + z * z > 1);

            float center = i < Half ? -1 : 1;
            float red = i < Half ? 1 : -1;
            records[i] =
            [
                center + (float)(Radius * x), (float)(Radius * y), (float)(Radius * z), red, 0, -red, 3, -2.6f, -2.6f, -2.6f, 1, 0, 0, 0,
            ];
        }

        return records;
    }

    public static byte[] WritePly(string[] properties, string type, float[][] records)
    {
        using var stream = new MemoryStream();
        var header = new StringBuilder("ply\nformat binary_little_endian 1.0\n");
        header.Append(CultureInfo.InvariantCulture, $"element vertex {records.Length}\n");
        foreach (string property in properties)
        {
            header.Append(CultureInfo.InvariantCulture, $"property {type} {property}\n");
        }

        header.Append("end_header\n");
        stream.Write(Encoding.ASCII.GetBytes(header.ToString()));
        foreach (float[] record in records)
        {
            foreach (float value in record)
            {
                stream.Write(BitConverter.GetBytes(value));
            }
        }

        return stream.ToArray();
    }

    public static byte[] WritePly(float[][] records) => WritePly(Properties, "float", records);

    /// <summary>INRIA cameras.json: camera-to-world rotation and position.</summary>
    public static byte[] CameraJson(Func<int, double[][]> rotation) => JsonSerializer.SerializeToUtf8Bytes(
        Enumerable.Range(0, Views).Select(i => new
        {
            id = i,
            img_name = $"view_{i:000}",
            width = Width,
            height = Height,
            position = Position(i),
            rotation = rotation(i),
            fx = Focal,
            fy = Focal,
        }));

    public static double[][] Yaw(int view)
    {
        double a = Angle(view);
        return [[Math.Cos(a), 0, Math.Sin(a)], [0, 1, 0], [-Math.Sin(a), 0, Math.Cos(a)]];
    }

    public static byte[] Zip(params (string Name, byte[] Bytes)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, true))
        {
            foreach ((string name, byte[] bytes) in files)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    /// <summary>One mask per ball: the box around its silhouette, as SAM writes it.</summary>
    public static byte[] SamJson(int view) => JsonSerializer.SerializeToUtf8Bytes(
        new[] { -1.0, 1.0 }.Select(x => new { segmentation = new { size = new[] { Height, Width }, counts = BoxRuns(view, x) } }));

    /// <param name="ply">The Gaussians.</param>
    /// <param name="firstOfRight">The first record of the object on the right; <see cref="Count"/> for one object.</param>
    /// <param name="hasParts">Whether the upper part of the left object is something of its own at scales under a half.</param>
    public static byte[] WriteModel(byte[] ply, int firstOfRight = Half, bool hasParts = false)
    {
        string path = Path.Combine(Path.GetTempPath(), $"saga-blobs-{Guid.NewGuid():N}.ply");
        File.WriteAllBytes(path, ply);
        try
        {
            GaussianScene scene = GaussianPlyReader.Read(path);
            const int dimension = 8;
            float[] features = new float[scene.Count * dimension];
            for (int i = 0; i < scene.Count; i++)
            {
                bool isLeft = scene.FileIndices[i] < firstOfRight;
                features[i * dimension + (isLeft ? 0 : 1)] = 1;
                features[i * dimension + 2] = hasParts && isLeft && scene.Means[3 * i + 1] < 0 ? 2 : 0;
            }

            // Channel 2 is open below a quantile of 0.5 and shut above.
            float[] weights = new float[dimension];
            float[] biases = [.. Enumerable.Repeat(4f, dimension)];
            (weights[2], biases[2]) = hasParts ? (-40f, 20f) : (weights[2], biases[2]);

            var model = new AffinityModel
            {
                Dimension = dimension,
                Features = features,
                Gate = new ScaleGate(weights, biases),
                Quantiles = new ScaleQuantiles([0.1, 0.5, 2.0]),
                Info = new AffinityModelInfo(
                    new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero), 7, 3, 0.25, "{}", Sha256(ply), scene.FileGaussianCount),
            };
            using var stream = new MemoryStream();
            AffinityModelFile.Write(stream, model, scene, CancellationToken.None);
            return stream.ToArray();
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    /// <summary>Views 0, 2 and 3 stand to the sides; view 1 looks straight on.</summary>
    private static double Angle(int view) => (view - 1) * 0.25;

    private static double[] Position(int view) => [-Distance * Math.Sin(Angle(view)), 0, -Distance * Math.Cos(Angle(view))];

    private static int[] BoxRuns(int view, double worldX)
    {
        double a = Angle(view);
        double x = Math.Cos(a) * worldX;
        double z = Math.Sin(a) * worldX + Distance;
        double centerX = Focal * x / z + Width / 2.0;
        double radius = Focal * (Radius + 0.1) / z;
        var runs = new List<int>();
        int length = 0;
        bool set = false;
        for (int column = 0; column < Width; column++)
        {
            for (int row = 0; row < Height; row++)
            {
                bool inside = Math.Abs(column + 0.5 - centerX) <= radius && Math.Abs(row + 0.5 - Height / 2.0) <= radius;
                if (inside != set)
                {
                    runs.Add(length);
                    length = 0;
                    set = inside;
                }

                length++;
            }
        }

        runs.Add(length);
        return [.. runs];
    }
}
