using Saga.Engine.Archives;

namespace Saga.Engine.Cameras;

/// <summary>A COLMAP sparse model in a zip: cameras and images, binary or text, in any folder of the archive.</summary>
internal static class ColmapModel
{
    /// <summary>points3D may lie beside; it is never unpacked, but it may be large.</summary>
    public static readonly ZipLimits Limits = new(MaxEntries: 100_000, MaxEntryBytes: 8L << 30, MaxTotalBytes: 32L << 30);

    /// <summary>images.bin lists every feature point of every photo: some 60 KB a photo.</summary>
    private const long MaxFileBytes = 1L << 30;

    public static List<SceneView> Read(SafeZip zip)
    {
        SafeZipEntry? binary = FindModel(zip, ".bin");
        SafeZipEntry images = binary ?? FindModel(zip, ".txt")
            ?? throw new InvalidCameraException(
                "the zip holds no COLMAP model; expected cameras.bin and images.bin, or cameras.txt and images.txt, as in sparse/0.");
        byte[] imageBytes = Unpack(images);
        byte[] cameraBytes = Unpack(Sibling(zip, images)!);
        return binary is not null
            ? ColmapBinary.ReadImages(imageBytes, ColmapBinary.ReadCameras(cameraBytes))
            : ColmapText.ReadImages(imageBytes, ColmapText.ReadCameras(cameraBytes));
    }

    /// <summary>The images file of the model with the shortest path: sparse/0 before sparse/10, and before nested copies.</summary>
    private static SafeZipEntry? FindModel(SafeZip zip, string extension) => zip.Entries
        .Where(e => e.FileName == "images" + extension && Sibling(zip, e) is not null)
        .OrderBy(e => e.FullName.Length)
        .ThenBy(e => e.FullName, StringComparer.Ordinal)
        .FirstOrDefault();

    private static SafeZipEntry? Sibling(SafeZip zip, SafeZipEntry images)
    {
        string folder = images.FullName[..^images.FileName.Length];
        string cameras = folder + "cameras" + Path.GetExtension(images.FileName);
        return zip.Entries.FirstOrDefault(e => e.FullName == cameras);
    }

    private static byte[] Unpack(SafeZipEntry entry) => entry.Length <= MaxFileBytes
        ? entry.ReadAllBytes()
        : throw new InvalidCameraException($"«{entry.FullName}» unpacks to {entry.Length} bytes; at most {MaxFileBytes} are accepted.");
}
