using System.Buffers;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation;

/// <summary>What a selection covers in a view: the pixels where Σ w·selected ≥ 0.5 over the full scene (§10).</summary>
public static class SelectionMask
{
    /// <summary>Share of a pixel that the selection must cover.</summary>
    public const float MinCoverage = 0.5f;

    /// <summary>Draws the mask; what stands in front of the selection hides it.</summary>
    /// <param name="selection">The selected Gaussians, file order.</param>
    /// <param name="scene">The scene.</param>
    /// <param name="rasterizer">A rasteriser of the scene.</param>
    /// <param name="camera">The view.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The selection covers another number of Gaussians than the scene's file.</exception>
    public static BinaryMask Draw(
        GaussianSelection selection, GaussianScene scene, IRasterizer rasterizer, PinholeCamera camera,
        CancellationToken cancellationToken)
    {
        if (selection.GaussianCount != scene.FileGaussianCount)
        {
            throw new ArgumentException(
                $"The selection covers {selection.GaussianCount} Gaussians; "
                + $"the scene's file has {scene.FileGaussianCount}.",
                nameof(selection));
        }

        float[] selected = ArrayPool<float>.Shared.Rent(scene.Count);
        try
        {
            for (int i = 0; i < scene.Count; i++)
            {
                selected[i] = selection.Contains(scene.FileIndices[i]) ? 1 : 0;
            }

            var options = new RenderOptions { Features = selected.AsMemory(0, scene.Count), FeatureChannels = 1 };
            RenderedImage image = rasterizer.Render(camera, options, cancellationToken);
            byte[] pixels = new byte[image.Features.Length];
            for (int p = 0; p < pixels.Length; p++)
            {
                pixels[p] = image.Features[p] >= MinCoverage ? (byte)1 : (byte)0;
            }

            return BinaryMask.FromPixels(image.Width, image.Height, pixels);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(selected);
        }
    }
}
