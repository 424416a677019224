namespace Saga.Engine.Scenes.Ply;

/// <summary>Receives one record of the file.</summary>
/// <param name="fileIndex">Position among the file's Gaussians.</param>
/// <param name="values">
/// The record in <see cref="GaussianRecordLayout"/>'s order, as stored. The receiver may change it; it is overwritten by the next one.
/// </param>
internal delegate void GaussianRecordAction(int fileIndex, Span<float> values);

/// <summary>The vertex records of an open file, readable as often as needed.</summary>
internal abstract class GaussianRecordSource(GaussianRecordLayout layout, int count)
{
    /// <summary>Where the values stand.</summary>
    public GaussianRecordLayout Layout { get; } = layout;

    /// <summary>Records, proven to fit into the file before anything is allocated for them.</summary>
    public int Count { get; } = count;

    /// <summary>Hands over every record once, in any order and from several threads at a time.</summary>
    /// <exception cref="InvalidSceneException">A record is damaged.</exception>
    public abstract void ForEach(GaussianRecordAction action, CancellationToken cancellationToken);

    /// <summary>The same for those who need no colours: records whose colours are all usable may come without them.</summary>
    /// <exception cref="InvalidSceneException">A record is damaged.</exception>
    public virtual void ForEachShape(GaussianRecordAction action, CancellationToken cancellationToken) => ForEach(action, cancellationToken);

    /// <summary>Copies some records as they stand in the file, extras included, in file order.</summary>
    /// <param name="keep">Asked once for every file index, ascending.</param>
    /// <param name="target">Receives the records.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    public abstract void CopyRecords(Func<int, bool> keep, Stream target, CancellationToken cancellationToken);

    /// <summary>Opens the vertex records of a file.</summary>
    /// <param name="file">Seekable, at any position; the result reads through it.</param>
    /// <param name="header">Of the same file.</param>
    /// <param name="fileName">For messages.</param>
    /// <param name="cancellationToken">Stops the search for the first record.</param>
    /// <exception cref="InvalidSceneException">No Gaussians there, or fewer than the header claims.</exception>
    public static GaussianRecordSource Open(
        FileStream file, PlyHeader header, string fileName, CancellationToken cancellationToken = default)
    {
        GaussianRecordLayout layout = GaussianRecordLayout.Find(header, fileName);
        if (layout.Vertex.Count == 0)
        {
            throw new InvalidSceneException($"{fileName}: the header says there are 0 Gaussians; expected at least one.");
        }

        return header.Format == PlyFormat.Ascii
            ? AsciiRecordSource.Open(file, header, layout, fileName)
            : BinaryRecordSource.Open(file, header, layout, fileName, cancellationToken);
    }

    /// <summary>Refuses counts that no array of the engine can hold.</summary>
    protected static int RefuseHugeCount(GaussianRecordLayout layout, string fileName)
    {
        int most = Array.MaxLength / Math.Max(4, layout.ColorCount);
        return layout.Vertex.Count <= most
            ? (int)layout.Vertex.Count
            : throw new InvalidSceneException(
                $"{fileName}: {layout.Vertex.Count} Gaussians with colours of degree {layout.ShDegree}; at most {most} can be held in memory.");
    }
}
