using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Saga.Benchmarks.Tests.Furniture;

/// <summary>A furniture library of stacks of boxes, each box a group; no package needed.</summary>
internal sealed class ToyLibrary : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("furniture-");

    public ToyLibrary()
    {
        using ZipArchive zip = ZipFile.Open(Path, ZipArchiveMode.Create);
        Add(zip, "stool", 4, 0.5);
        Add(zip, "stool2", 4, 0.6);
        Add(zip, "shelf", 5, 1.2);
        Add(zip, "lamp", 6, 0.3);
        Add(zip, "peterbilt", 5, 1);
        Add(zip, "brick", 1, 1);
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "toys.sh3f");

    public string Subfolder(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Add(ZipArchive zip, string name, int boxes, double width)
    {
        var obj = new StringBuilder($"mtllib {name}.mtl\n");
        for (int box = 0; box < boxes; box++)
        {
            obj.Append(CultureInfo.InvariantCulture, $"g box{box}\nusemtl m{box % 2}\n");
            for (int corner = 0; corner < 8; corner++)
            {
                obj.Append(
                    CultureInfo.InvariantCulture,
                    $"v {(corner & 1) * width} {box + 0.98 * ((corner >> 1) & 1)} {(corner >> 2) * (1 + 0.1 * box)}\n");
            }

            obj.Append("f -8 -7 -5 -6\nf -4 -3 -1 -2\nf -8 -7 -3 -4\nf -6 -5 -1 -2\nf -8 -6 -2 -4\nf -7 -5 -1 -3\n");
        }

        Write(zip, $"toys/{name}/{name}.obj", obj.ToString());
        Write(zip, $"toys/{name}/{name}.mtl", "newmtl m0\nKd 0.9 0.2 0.1\nnewmtl m1\nKd 0.1 0.3 0.8\n");
    }

    private static void Write(ZipArchive zip, string path, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(path).Open());
        writer.Write(text);
    }
}
