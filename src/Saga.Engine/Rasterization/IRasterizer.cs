using Saga.Engine.Cameras;

namespace Saga.Engine.Rasterization;

/// <summary>Draws one scene, and computes the blending weights of single pixels; on the CPU or on a compute device.</summary>
public interface IRasterizer
{
    /// <summary>Bytes that this takes beside the scene.</summary>
    long ByteCount { get; }

    /// <summary>Draws the view of a camera.</summary>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    /// <exception cref="ArgumentException">The options do not fit the scene.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    RenderedImage Render(PinholeCamera camera, RenderOptions options, CancellationToken cancellationToken);

    /// <summary>The exact sparse rows of any positions of a view, without drawing it.</summary>
    /// <param name="camera">The camera.</param>
    /// <param name="pixels">Positions inside the image, borders included, in any order; repeated ones are computed again.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Rows in the order of <paramref name="pixels"/>; bit for bit the weights that rendering uses at pixel centres.</returns>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    /// <exception cref="ArgumentException">A position is outside the image or not a number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    SparsePixelRows PixelRows(PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels, CancellationToken cancellationToken);
}
