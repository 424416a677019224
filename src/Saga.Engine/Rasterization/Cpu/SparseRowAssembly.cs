namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Where the row of a pixel was written.</summary>
internal readonly record struct RowSource(RowBuffer Rows, int Start, int Length);

/// <summary>Puts rows that several threads wrote in any order into one table in the order of the pixels.</summary>
internal static class SparseRowAssembly
{
    /// <summary>Pixels copied as one piece of work.</summary>
    private const int Chunk = 512;

    /// <exception cref="InvalidOperationException">The rows together exceed what one array holds.</exception>
    public static SparsePixelRows Assemble(
        RowSource[] sources, float[] alphas, float[] depths, WorkerPool workers, CancellationToken cancellationToken)
    {
        int[] starts = new int[sources.Length + 1];
        long total = 0;
        for (int pixel = 0; pixel < sources.Length; pixel++)
        {
            total += sources[pixel].Length;
            if (total > Array.MaxLength)
            {
                throw new InvalidOperationException(
                    $"{sources.Length} pixels have more than {Array.MaxLength} contributions; ask for fewer pixels at a time.");
            }

            starts[pixel + 1] = (int)total;
        }

        int[] indices = GC.AllocateUninitializedArray<int>((int)total);
        float[] weights = GC.AllocateUninitializedArray<float>((int)total);
        workers.For((sources.Length + Chunk - 1) / Chunk, chunk =>
        {
            for (int pixel = chunk * Chunk; pixel < Math.Min(sources.Length, (chunk + 1) * Chunk); pixel++)
            {
                (RowBuffer rows, int start, int length) = sources[pixel];
                rows.CopyTo(start, length, indices.AsSpan(starts[pixel], length), weights.AsSpan(starts[pixel], length));
            }
        }, cancellationToken);

        return new SparsePixelRows
        {
            RowStarts = starts,
            GaussianIndices = indices,
            Weights = weights,
            Alphas = alphas,
            Depths = depths,
        };
    }
}
