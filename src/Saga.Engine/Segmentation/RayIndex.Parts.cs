using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Segmentation;

/// <content>A row of a scene whose Gaussians lie in several indices: each says what it has on the ray, and one blends.</content>
public sealed partial class RayIndex
{
    /// <summary>The Gaussians of this index that may be in the row of a pixel whose ray meets other indices' Gaussians too.</summary>
    /// <remarks>
    /// It is this index's own row, so what is left out has no part in the whole one either: α depends on nothing but the Gaussian, and
    /// what lies between only lowers the transmittance T, in floats too, as T·(1−α) rounded is at most T and grows with T. Where
    /// this row ends because T is spent, the whole row has ended.
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
        blend.AppendRow(pixel, rows, out _, out _);
        int[] indices = new int[rows.Count];
        rows.CopyTo(0, rows.Count, indices, new float[rows.Count]);
        var inRow = new HashSet<int>(indices);
        var part = new List<ProjectedGaussian>(indices.Length);
        foreach (ref readonly ProjectedGaussian gaussian in candidates.Projected)
        {
            if (inRow.Contains(gaussian.Index))
            {
                part.Add(gaussian);
            }
        }

        _workspaces.Add(workspace);
        return [.. part];
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
