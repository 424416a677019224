using System.Buffers.Binary;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Tests.Scenes;
using Saga.Tests.Masks;

namespace Saga.Engine.Tests.Fuzzing;

/// <summary>What fuzzing has found, each by the smallest file that shows it.</summary>
public sealed class FindingTests
{
    private static readonly byte[] NoUtf8 = [0xC3, 0x28];

    [Fact]
    public void Run_lengths_that_are_no_utf8_are_refused()
    {
        byte[] json = [.. "[{\"segmentation\":{\"size\":[2,2],\"counts\":\""u8, .. NoUtf8, .. "\\n\"}}]"u8];
        var view = new SceneView("view", new PinholeCamera(2, 2, 1, 1, 1, 1, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)), "view.png");
        InvalidMaskException refused = Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(ZipOf.Files(("view.json", json)), [view]));
        Assert.Contains("UTF-8", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_camera_s_name_that_is_no_utf8_is_refused()
    {
        using var folder = new TestFolder();
        byte[] json = [.. "[{\"img_name\":\""u8, .. NoUtf8, .. "\"}]"u8];
        InvalidCameraException refused = Assert.Throws<InvalidCameraException>(() => CameraFile.Read(folder.Write("cameras.json", json), "cameras.json"));
        Assert.Contains("cameras.json", refused.Message, StringComparison.Ordinal);
    }

    // The zlib header 78 BB asks for a dictionary, which nobody has; .NET has an exception of its own for that.
    [Fact]
    public void Pixels_packed_with_a_dictionary_are_refused()
    {
        byte[] png =
        [
            0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR"u8, [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
            .. Chunk("IDAT"u8, [0x78, 0xBB, 0, 0, 0, 1, 0, 0, 0, 0]), .. Chunk("IEND"u8, []),
        ];
        Assert.Throws<InvalidImageException>(() => ImageFile.DecodeLabels(png));
    }

    [Fact]
    public void A_header_that_promises_more_pixels_than_the_file_can_hold_costs_no_memory()
    {
        byte[] png =
        [
            0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR"u8, [0, 0, 0x20, 0, 0, 0, 0x20, 0, 8, 0, 0, 0, 0]),
            .. Chunk("IDAT"u8, [0x78, 0x9C, 0x63, 0, 1, 0, 0, 5, 0, 1]), .. Chunk("IEND"u8, []),
        ];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidImageException>(() => ImageFile.DecodeLabels(png));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        Crc32 crc = default;
        crc.Add(chunk.AsSpan(4, 4 + data.Length));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), crc.Value);
        return chunk;
    }
}
