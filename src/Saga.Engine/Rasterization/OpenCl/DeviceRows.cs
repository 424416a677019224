using Saga.Engine.Compute.OpenCl;

namespace Saga.Engine.Rasterization.OpenCl;

/// <summary>Sparse rows on the device, as <see cref="SparsePixelRows"/> has them; row starts are 64-bit.</summary>
internal sealed record DeviceRows(
    int PixelCount, long EntryCount, OpenClBuffer? Starts, OpenClBuffer? Indices, OpenClBuffer? Weights, OpenClBuffer? Alphas, OpenClBuffer? Depths)
{
    /// <summary>No pixels.</summary>
    public static DeviceRows None { get; } = new(0, 0, null, null, null, null, null);

    /// <summary>Copies them to the host.</summary>
    /// <exception cref="InvalidOperationException">They exceed what one array holds.</exception>
    public SparsePixelRows Download(OpenClSession session)
    {
        if (EntryCount > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"{PixelCount} pixels have more than {Array.MaxLength} contributions; ask for fewer pixels at a time.");
        }

        ulong[] starts = new ulong[PixelCount + 1];
        var rows = new SparsePixelRows
        {
            RowStarts = new int[PixelCount + 1],
            GaussianIndices = new int[EntryCount],
            Weights = new float[EntryCount],
            Alphas = new float[PixelCount],
            Depths = new float[PixelCount],
        };
        if (PixelCount > 0)
        {
            session.Read(Starts!, starts.AsSpan());
            session.Read(Indices!, rows.GaussianIndices.AsSpan());
            session.Read(Weights!, rows.Weights.AsSpan());
            session.Read(Alphas!, rows.Alphas.AsSpan());
            session.Read(Depths!, rows.Depths.AsSpan());
        }

        for (int p = 0; p <= PixelCount; p++)
        {
            rows.RowStarts[p] = (int)starts[p];
        }

        return rows;
    }
}
