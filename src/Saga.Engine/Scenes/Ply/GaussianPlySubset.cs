using System.Text;

namespace Saga.Engine.Scenes.Ply;

/// <summary>Cuts Gaussians out of a file without touching a single attribute.</summary>
public static class GaussianPlySubset
{
    /// <summary>The property that holds a record's label, an unsigned 32-bit number behind all others.</summary>
    public const string LabelName = "label";

    /// <summary>Writes the chosen records of a file byte for byte, in the file's own format and property layout.</summary>
    /// <param name="sourcePath">A Gaussian PLY file in any of the three formats.</param>
    /// <param name="keep">Whether a file index is chosen, valid record or not. Asked twice for each; must answer the same.</param>
    /// <param name="target">Receives the file. Elements beside the Gaussians are left out: they may refer to records by number.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>Number of records written; a file of none is a valid file.</returns>
    /// <exception cref="InvalidSceneException">The source is not a Gaussian scene or is truncated.</exception>
    public static int Write(string sourcePath, Func<int, bool> keep, Stream target, CancellationToken cancellationToken = default) =>
        Write(sourcePath, keep, null, target, cancellationToken);

    /// <summary>The same with a further property <see cref="LabelName"/>.</summary>
    /// <param name="sourcePath">A Gaussian PLY file in any of the three formats.</param>
    /// <param name="keep">Whether a file index is chosen, valid record or not. Asked twice for each; must answer the same.</param>
    /// <param name="labelOf">The label of a file index; null leaves the property out.</param>
    /// <param name="target">Receives the file.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>Number of records written.</returns>
    /// <exception cref="InvalidSceneException">The source is not a Gaussian scene, is truncated, or has labels already.</exception>
    public static int Write(
        string sourcePath, Func<int, bool> keep, Func<int, uint>? labelOf, Stream target, CancellationToken cancellationToken = default)
    {
        string fileName = Path.GetFileName(sourcePath);
        using FileStream file = GaussianPlyReader.OpenFile(sourcePath);
        PlyHeader header = PlyHeaderReader.Read(file, fileName);
        using GaussianRecordSource source = GaussianRecordSource.Open(file, header, fileName, cancellationToken);
        if (labelOf is not null && source.Layout.Vertex.Properties.Any(property => property.Name == LabelName))
        {
            throw new InvalidSceneException(
                $"{fileName}: the Gaussians have a property {LabelName} already; export without labels, "
                + "or with the labels in a file of their own.");
        }

        int count = 0;
        for (int i = 0; i < source.Count; i++)
        {
            count += keep(i) ? 1 : 0;
        }

        target.Write(Encoding.Latin1.GetBytes(HeaderFor(header, count, labelOf is not null)));
        source.CopyRecords(keep, labelOf, target, cancellationToken);
        return count;
    }

    /// <summary>The source's header with another count and without other elements; comments stay.</summary>
    private static string HeaderFor(PlyHeader header, int count, bool hasLabel)
    {
        var text = new StringBuilder();
        bool inVertex = false;
        foreach (string line in header.Lines)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (inVertex && words[0] is ("element" or "end_header"))
            {
                // Behind the last of the Gaussians' own.
                inVertex = false;
                text.Append(hasLabel ? $"property uint {LabelName}\n" : "");
            }

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
