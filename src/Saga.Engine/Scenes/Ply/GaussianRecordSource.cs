namespace Saga.Engine.Scenes.Ply;

/// <summary>The vertex records of an open file, readable as often as needed.</summary>
internal abstract class GaussianRecordSource(FileStream file, GaussianRecordLayout layout, int count)
    : GaussianSource(count, layout.ShDegree)
{
    /// <summary>Where the values stand.</summary>
    public GaussianRecordLayout Layout { get; } = layout;

    /// <summary>Copies some records as they stand in the file, extras included, in file order.</summary>
    /// <param name="keep">Asked once for every file index, ascending.</param>
    /// <param name="labelOf">A record's label, written behind it as an unsigned 32-bit number; null for none.</param>
    /// <param name="target">Receives the records.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    public abstract void CopyRecords(
        Func<int, bool> keep, Func<int, uint>? labelOf, Stream target, CancellationToken cancellationToken);

    /// <summary>Opens the vertex records of a file.</summary>
    /// <param name="file">Seekable, at any position; the result reads through it and closes it.</param>
    /// <param name="header">Of the same file.</param>
    /// <param name="fileName">For messages.</param>
    /// <param name="cancellationToken">Stops the search for the first record.</param>
    /// <exception cref="InvalidSceneException">No Gaussians there, or fewer than the header claims.</exception>
    public static GaussianRecordSource Open(
        FileStream file, PlyHeader header, string fileName, CancellationToken cancellationToken = default)
    {
        return OpenAs(file, header, GaussianRecordLayout.Find(header, fileName), fileName, cancellationToken);
    }

    /// <summary>Opens the vertex records of a file whose layout was found before.</summary>
    /// <inheritdoc cref="Open(FileStream, PlyHeader, string, CancellationToken)"/>
    public static GaussianRecordSource OpenAs(
        FileStream file, PlyHeader header, GaussianRecordLayout layout, string fileName, CancellationToken cancellationToken)
    {
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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
