using System.IO.Compression;
using System.Text;

namespace Saga.Tests.Masks;

/// <summary>Builds zips in memory for the tests.</summary>
internal static class ZipOf
{
    public static MemoryStream Files(params (string Name, byte[] Content)[] files)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                using Stream entry = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }

        stream.Position = 0;
        return stream;
    }

    public static MemoryStream Texts(params (string Name, string Content)[] files) =>
        Files([.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content)))]);
}
