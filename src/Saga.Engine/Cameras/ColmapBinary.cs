using System.Buffers.Binary;
using System.Text;

namespace Saga.Engine.Cameras;

/// <summary>Reads COLMAP's cameras.bin and images.bin. No count in them is believed: memory grows with what is really there.</summary>
internal ref struct ColmapBinary
{
    /// <summary>A feature point of a photo: x, y and the id of its 3D point.</summary>
    private const int FeaturePointBytes = 24;

    private readonly string _file;
    private readonly int _length;
    private ReadOnlySpan<byte> _rest;

    private ColmapBinary(ReadOnlySpan<byte> bytes, string file)
    {
        _rest = bytes;
        _length = bytes.Length;
        _file = file;
    }

    public static Dictionary<long, CameraIntrinsics> ReadCameras(ReadOnlySpan<byte> bytes)
    {
        var reader = new ColmapBinary(bytes, "cameras.bin");
        var cameras = new Dictionary<long, CameraIntrinsics>();
        Span<double> parameters = stackalloc double[12];
        ulong count = reader.UInt64("the number of cameras");
        for (ulong i = 0; i < count; i++)
        {
            uint id = BinaryPrimitives.ReadUInt32LittleEndian(reader.Take(4, "a camera id"));
            string model = ColmapLens.NameOf(BinaryPrimitives.ReadInt32LittleEndian(reader.Take(4, "a camera model")), id);
            ulong width = reader.UInt64("a width");
            ulong height = reader.UInt64("a height");
            ColmapLens.RefuseUnknown(model, id);
            Span<double> own = parameters[..ColmapLens.ParameterCount(model)];
            reader.Doubles(own, "camera parameters");
            cameras[id] = ColmapLens.Make(model, (long)Math.Min(width, int.MaxValue), (long)Math.Min(height, int.MaxValue), own);
        }

        return cameras;
    }

    public static List<SceneView> ReadImages(ReadOnlySpan<byte> bytes, Dictionary<long, CameraIntrinsics> cameras)
    {
        var reader = new ColmapBinary(bytes, "images.bin");
        var views = new List<SceneView>();
        Span<double> pose = stackalloc double[7];
        ulong count = reader.UInt64("the number of images");
        for (ulong i = 0; i < count; i++)
        {
            reader.Take(4, "an image id");
            reader.Doubles(pose, "an image's pose");
            uint cameraId = BinaryPrimitives.ReadUInt32LittleEndian(reader.Take(4, "an image's camera"));
            string name = reader.Name();
            ulong points = reader.UInt64("the number of an image's points");
            reader.Skip(points, FeaturePointBytes, "an image's points");
            CameraViews.RefuseTooMany(views.Count + 1L);
            views.Add(ColmapText.MakeView(name, cameraId, cameras, pose));
        }

        return views;
    }

    private ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    private void Doubles(scoped Span<double> values, string what)
    {
        ReadOnlySpan<byte> bytes = Take(8 * values.Length, what);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
        }
    }

    private string Name()
    {
        int end = _rest.IndexOf((byte)0);
        ReadOnlySpan<byte> name = Take(end < 0 ? int.MaxValue : end + 1, "an image's name");
        return Encoding.UTF8.GetString(name[..^1]);
    }

    private void Skip(ulong count, int size, string what) =>
        Take(count <= (ulong)(_rest.Length / size) ? (int)count * size : int.MaxValue, what);

    private ReadOnlySpan<byte> Take(int bytes, string what)
    {
        if (bytes > _rest.Length)
        {
            throw new InvalidCameraException($"{_file} ends after {_length} bytes, within {what}; the file is truncated or damaged.");
        }

        ReadOnlySpan<byte> taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }
}
