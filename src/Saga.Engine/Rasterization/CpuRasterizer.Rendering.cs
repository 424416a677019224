using System.Buffers;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Rasterization;

/// <content>Whole pictures.</content>
public sealed partial class CpuRasterizer
{
    /// <summary>Draws the view of a camera.</summary>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    /// <exception cref="ArgumentException">The options do not fit the scene.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RenderedImage Render(PinholeCamera camera, RenderOptions options, CancellationToken cancellationToken)
    {
        RasterizerChecks.Options(options, _scene);
        using ProjectedView view = Project(camera, cancellationToken);
        return Render(view, options, cancellationToken);
    }

    /// <summary>Draws a view that was projected before.</summary>
    /// <exception cref="ArgumentException">The options do not fit the scene, or the view is another rasteriser's.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RenderedImage Render(ProjectedView view, RenderOptions options, CancellationToken cancellationToken)
    {
        CheckOwner(view);
        RasterizerChecks.Options(options, _scene);
        RenderedImage image = RasterizerChecks.Allocate(view.Camera, options);
        Draw(view, options, image, cancellationToken);
        return image;
    }

    /// <summary>Draws the depth of a camera into the picture of the one before, if that is of its size: views come by the hundred.</summary>
    /// <param name="camera">The camera.</param>
    /// <param name="earlier">A depth picture that is no longer needed, or null.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns><paramref name="earlier"/> or a new picture.</returns>
    internal RenderedImage RenderDepth(PinholeCamera camera, RenderedImage? earlier, CancellationToken cancellationToken)
    {
        RenderOptions options = new() { Depth = true };
        using ProjectedView view = Project(camera, cancellationToken);
        RenderedImage image = earlier?.Width == camera.Width && earlier.Height == camera.Height ? earlier : RasterizerChecks.Allocate(camera, options);
        image.Depth.AsSpan().Clear();
        Draw(view, options, image, cancellationToken);
        return image;
    }

    private void Draw(ProjectedView view, RenderOptions options, RenderedImage image, CancellationToken cancellationToken)
    {
        float[] colors = options.Color ? ArrayPool<float>.Shared.Rent(Math.Max(1, 4 * _geometry.PaddedCount)) : [];
        try
        {
            if (options.Color)
            {
                EvaluateColors(view, colors, cancellationToken);
            }

            BlendedValues values = new(colors, options.Depth, options.Features, options.FeatureChannels);
            bool[] wanted = new bool[view.Grid.Count];
            wanted.AsSpan().Fill(true);
            using TileBinning binning = new(view, wanted, _workers, cancellationToken);
            for (int start = 0, end; start < view.Grid.Count; start = end)
            {
                end = binning.Fill(start, cancellationToken);
                int first = start;
                _workers.For(
                    end - start,
                    () => new BlendTileKernel(values),
                    (i, kernel) => RenderTile(view, binning, first + i, kernel, values, options, image),
                    cancellationToken);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(colors);
        }
    }

    private static void RenderTile(
        ProjectedView view,
        TileBinning binning,
        int tile,
        BlendTileKernel kernel,
        BlendedValues values,
        RenderOptions options,
        RenderedImage image)
    {
        int left = tile % view.Grid.Columns * TileGrid.Side;
        int top = tile / view.Grid.Columns * TileGrid.Side;
        int width = Math.Min(TileGrid.Side, image.Width - left);
        int height = Math.Min(TileGrid.Side, image.Height - top);
        kernel.Run(binning.List(tile), view.Gaussians, left, top, width, height);
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int from = row * TileGrid.Side + column;
                int to = (top + row) * image.Width + left + column;
                float transmittance = kernel.Transmittance(from);
                float coverage = 1f - transmittance;
                if (options.Alpha)
                {
                    image.Alpha[to] = coverage;
                }

                if (options.Color)
                {
                    image.Color[3 * to] = kernel.Blended(0, from) + transmittance * options.Background.R;
                    image.Color[3 * to + 1] = kernel.Blended(1, from) + transmittance * options.Background.G;
                    image.Color[3 * to + 2] = kernel.Blended(2, from) + transmittance * options.Background.B;
                }

                if (options.Depth && coverage >= BlendLimits.MinDepthCoverage)
                {
                    image.Depth[to] = kernel.Blended(values.DepthPlane, from) / coverage;
                }

                for (int channel = 0; channel < options.FeatureChannels; channel++)
                {
                    image.Features[to * options.FeatureChannels + channel] =
                        kernel.Blended(values.FeaturePlane + channel, from);
                }
            }
        }
    }

    private void EvaluateColors(ProjectedView view, float[] colors, CancellationToken cancellationToken)
    {
        (double X, double Y, double Z) center = view.Camera.Pose.Center;
        _workers.For(view.ChunkCounts.Length, chunk =>
        {
            int start = chunk * ProjectedView.ProjectionChunk;
            SphericalHarmonicsKernel.Run(
                _scene,
                center,
                view.Gaussians.AsSpan(start, view.ChunkCounts[chunk]),
                colors.AsSpan(4 * start, 4 * view.ChunkCounts[chunk]));
        }, cancellationToken);
    }
}
