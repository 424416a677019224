namespace Saga.Engine.Scenes.Ply;

/// <summary>Writes a scene in the layout of the original 3DGS training: little-endian floats, zero normals.</summary>
public static class GaussianPlyWriter
{
    private const int RecordsPerBlock = 4096;

    /// <summary>Writes the usable Gaussians in the order of their file indices.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <exception cref="ArgumentException">The scene was read without colours.</exception>
    public static void Write(Stream stream, GaussianScene scene)
    {
        if (!scene.HasColors)
        {
            throw new ArgumentException("The scene was read without colours and cannot be written whole.", nameof(scene));
        }

        var layout = new StandardPlyRecord(scene.ShDegree, hasLabel: false);
        stream.Write(layout.Header(scene.Count));
        int[] order = FileOrder(scene);
        byte[] block = new byte[RecordsPerBlock * layout.Bytes];
        float[] values = new float[GaussianValues.Color + GaussianValues.ColorCount(scene.ShDegree)];
        for (int first = 0; first < order.Length; first += RecordsPerBlock)
        {
            int count = Math.Min(RecordsPerBlock, order.Length - first);
            for (int i = 0; i < count; i++)
            {
                scene.CopyValues(order[first + i], values);
                layout.Write(values, 0, block.AsSpan(i * layout.Bytes, layout.Bytes));
            }

            stream.Write(block, 0, count * layout.Bytes);
        }
    }

    /// <summary>Writes records of a file of any format, ascending; unusable ones as well, so that none changes its place.</summary>
    /// <param name="source">The file.</param>
    /// <param name="keep">Whether a record is chosen.</param>
    /// <param name="labelOf">A record's label; null for none.</param>
    /// <param name="target">Receives the file.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>Number of records written.</returns>
    internal static int Write(
        GaussianSource source, Func<int, bool> keep, Func<int, uint>? labelOf, Stream target, CancellationToken cancellationToken)
    {
        int count = 0;
        for (int i = 0; i < source.Count; i++)
        {
            count += keep(i) ? 1 : 0;
        }

        var layout = new StandardPlyRecord(source.ShDegree, labelOf is not null);
        target.Write(layout.Header(count));
        byte[] block = new byte[RecordsPerBlock * layout.Bytes];
        int filled = 0;
        source.ForEachInOrder(
            (record, values) =>
            {
                if (!keep(record))
                {
                    return;
                }

                if (GaussianChecks.Check(values) == GaussianDefect.None)
                {
                    GaussianChecks.Normalize(values);
                }

                layout.Write(values, labelOf?.Invoke(record) ?? 0, block.AsSpan(filled, layout.Bytes));
                filled += layout.Bytes;
                if (filled == block.Length)
                {
                    target.Write(block);
                    filled = 0;
                }
            },
            cancellationToken);
        target.Write(block, 0, filled);
        return count;
    }

    private static int[] FileOrder(GaussianScene scene)
    {
        int[] fileIndices = [.. scene.FileIndices];
        int[] order = [.. Enumerable.Range(0, scene.Count)];
        Array.Sort(fileIndices, order);
        return order;
    }
}
