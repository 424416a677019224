namespace Saga.Engine.Scenes.Splat;

/// <summary>Writes .splat files: what every web viewer reads; view-dependent colours are lost.</summary>
internal static class SplatWriter
{
    private const int RecordsPerBlock = 4096;

    /// <summary>Writes Gaussians of a scene.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <param name="chosen">Engine indices in the order to write.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    public static void Write(Stream stream, GaussianScene scene, int[] chosen, CancellationToken cancellationToken)
    {
        byte[] block = new byte[RecordsPerBlock * SplatRecord.Bytes];
        for (int first = 0; first < chosen.Length; first += RecordsPerBlock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(RecordsPerBlock, chosen.Length - first);
            for (int i = 0; i < count; i++)
            {
                SplatRecord.Write(scene, chosen[first + i], block.AsSpan(i * SplatRecord.Bytes, SplatRecord.Bytes));
            }

            stream.Write(block, 0, count * SplatRecord.Bytes);
        }
    }
}
