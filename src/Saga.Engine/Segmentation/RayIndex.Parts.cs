using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Segmentation;

/// <content>A row of a scene whose Gaussians lie in several indices: each says what it has on the ray, and one blends.</content>
public sealed partial class RayIndex
{
    // A row whose rest of transmittance is greater cannot have ended before its last Gaussian: no α is above the greatest.
    private const float MayHaveEnded = 2 * BlendLimits.MinTransmittance / (1 - BlendLimits.MaxAlpha);

    /// <summary>The Gaussians of this index that the row of a pixel needs where its ray meets other indices' Gaussians too.</summary>
    /// <remarks>
    /// (1) This index's own row: α depends on nothing but the Gaussian, so who is below its limit here is below it in the whole row. (2) The
    /// Gaussian that ended this row, if one did. What lies between only lowers the transmittance T, in floats too, as T·(1−α) rounded
    /// is at most T and grows with T; so the whole row ends there or before, and nobody behind has a part in it. Without that
    /// Gaussian it would go on.
    /// </remarks>
    /// <param name="camera">Any camera, valid.</param>
    /// <param name="pixel">Continuous position inside the image.</param>
    /// <returns>Projected, in engine order, by their index here.</returns>
    /// <exception cref="ArgumentException">The position is outside the image or not a number.</exception>
    internal ProjectedGaussian[] PartOfRow(PinholeCamera camera, PixelPosition pixel)
    {
        RayWorkspace workspace =
            _workspaces.TryTake(out RayWorkspace? idle) ? idle : new RayWorkspace(new RayCandidates(_scene), new PixelRowKernel());
        (RayCandidates candidates, PixelRowKernel blend) = workspace;
        candidates.Clear();
        Collect(camera, pixel, candidates);
        using var rows = new RowBuffer();
        blend.Load(candidates.Entries(), candidates.Projected);
        blend.AppendRow(pixel, rows, out float coverage, out _);
        int[] indices = new int[rows.Count];
        rows.CopyTo(0, rows.Count, indices, new float[rows.Count]);
        var needed = new HashSet<int>(indices);
        if (1 - coverage < MayHaveEnded && EndOfRow(candidates, blend, pixel, needed) is { } end)
        {
            needed.Add(end);
        }

        var part = new List<ProjectedGaussian>(needed.Count);
        foreach (ref readonly ProjectedGaussian gaussian in candidates.Projected)
        {
            if (needed.Contains(gaussian.Index))
            {
                part.Add(gaussian);
            }
        }

        _workspaces.Add(workspace);
        return [.. part];
    }

    // The nearest one behind the row that reaches the pixel.
    private static int? EndOfRow(RayCandidates candidates, PixelRowKernel blend, PixelPosition pixel, HashSet<int> row)
    {
        int seen = 0;
        using var alone = new RowBuffer();
        foreach (ulong entry in new DepthSort().Sort(candidates.Entries()))
        {
            ProjectedGaussian gaussian = candidates.Projected[DepthSort.Slot(entry)];
            if (row.Contains(gaussian.Index))
            {
                seen++;
            }
            else if (seen == row.Count)
            {
                blend.Load([DepthSort.Entry(gaussian.Depth, 0)], [gaussian]);
                blend.AppendRow(pixel, alone, out _, out _);
                if (alone.Count > 0)
                {
                    return gaussian.Index;
                }
            }
        }

        return null;
    }

    /// <summary>Blends the parts of one row.</summary>
    /// <param name="gaussians">
    /// Of all indices, in engine order of the whole scene, which decides between equal depths; their index is the whole scene's.
    /// </param>
    /// <param name="pixel">The pixel that they were found for.</param>
    /// <returns>One row, bit for bit that of an index of the whole scene.</returns>
    internal static SparsePixelRows Blend(ReadOnlySpan<ProjectedGaussian> gaussians, PixelPosition pixel)
    {
        ulong[] entries = new ulong[gaussians.Length];
        for (int slot = 0; slot < entries.Length; slot++)
        {
            entries[slot] = DepthSort.Entry(gaussians[slot].Depth, slot);
        }

        using var rows = new RowBuffer();
        var blend = new PixelRowKernel();
        blend.Load(entries, gaussians);
        blend.AppendRow(pixel, rows, out float alpha, out float depth);
        int[] indices = new int[rows.Count];
        float[] weights = new float[rows.Count];
        rows.CopyTo(0, rows.Count, indices, weights);
        return new SparsePixelRows
        {
            RowStarts = [0, rows.Count],
            GaussianIndices = indices,
            Weights = weights,
            Alphas = [alpha],
            Depths = [depth],
        };
    }
}
