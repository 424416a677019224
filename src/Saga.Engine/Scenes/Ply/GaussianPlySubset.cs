using System.Text;

namespace Saga.Engine.Scenes.Ply;

/// <summary>Cuts Gaussians out of a file without touching a single attribute.</summary>
public static class GaussianPlySubset
{
    /// <summary>Writes the chosen records of a file byte for byte, in the file's own format and property layout.</summary>
    /// <param name="sourcePath">A Gaussian PLY file in any of the three formats.</param>
    /// <param name="keep">Whether a file index is chosen, valid record or not. Asked twice for each; must answer the same.</param>
    /// <param name="target">Receives the file. Elements beside the Gaussians are left out: they may refer to records by number.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>Number of records written; a file of none is a valid file.</returns>
    /// <exception cref="InvalidSceneException">The source is not a Gaussian scene or is truncated.</exception>
    public static int Write(string sourcePath, Func<int, bool> keep, Stream target, CancellationToken cancellationToken = default)
    {
        string fileName = Path.GetFileName(sourcePath);
        using FileStream file = GaussianPlyReader.OpenFile(sourcePath);
        PlyHeader header = PlyHeaderReader.Read(file, fileName);
        GaussianRecordSource source = GaussianRecordSource.Open(file, header, fileName, cancellationToken);
        int count = 0;
        for (int i = 0; i < source.Count; i++)
        {
            count += keep(i) ? 1 : 0;
        }

        target.Write(Encoding.Latin1.GetBytes(HeaderFor(header, count)));
        source.CopyRecords(keep, target, cancellationToken);
        return count;
    }

    /// <summary>The source's header with another count and without other elements; comments stay.</summary>
    private static string HeaderFor(PlyHeader header, int count)
    {
        var text = new StringBuilder();
        bool inVertex = false;
        foreach (string line in header.Lines)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "element")
            {
                inVertex = words[1] == "vertex";
                text.Append(inVertex ? $"element vertex {count}\n" : "");
            }
            else if (words[0] != "property" || inVertex)
            {
                text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }
}
