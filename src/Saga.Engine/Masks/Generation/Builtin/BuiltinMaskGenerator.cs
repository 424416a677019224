using Saga.Engine.Images;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>
/// Masks without weights: by the colours of the photo and the splat's own surfaces, small even regions merge into ever larger ones, and
/// those that stay the same over a wide range of merge costs are masks. They nest, from parts to objects.
/// </summary>
/// <remarks>
/// (1) The photo in L*a*b*. (2) Depths, sharpened at edges and smoothed elsewhere, with the plane of each pixel. (3) Small even regions.
/// (4) The tree of their merges. (5) Its most stable nodes, at most 80. A pixel whose alpha is below ½ is in no mask. Works on the
/// picture alone, so memory is that of one view: about 100 bytes a pixel. Safe to use from several threads at once.
/// </remarks>
public sealed class BuiltinMaskGenerator : IMaskGenerator
{
    /// <summary>The number rises with every change that changes masks.</summary>
    private const string Version = "builtin-1";

    /// <inheritdoc/>
    public string Fingerprint => Version;

    /// <summary>640: windows and least sizes are of whole pixels, chosen at this size.</summary>
    public int UsefulSide => 640;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Photo, rendering and camera differ in size, or the rendering has no depth.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<BinaryMask> Generate(ViewPicture picture, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(picture);
        CheckSizes(picture);
        cancellationToken.ThrowIfCancellationRequested();
        var colors = LabPicture.From(picture.Photo);
        cancellationToken.ThrowIfCancellationRequested();
        var surface = SurfacePicture.From(picture.Rendering, colors, picture.Camera);
        var regions = PixelRegions.Split(colors, surface, cancellationToken);
        var graph = RegionGraph.Of(regions, colors, surface, cancellationToken);
        var tree = MergeTree.Build(graph, cancellationToken);
        List<int> chosen = StableRegions.Choose(tree);
        return RegionMasks.Of(tree, chosen, regions, picture.Camera.Width, picture.Camera.Height, cancellationToken);
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose()
    {
    }

    private static void CheckSizes(ViewPicture picture)
    {
        (RgbImage photo, RenderedImage rendering) = (picture.Photo, picture.Rendering);
        (int Width, int Height) size = (picture.Camera.Width, picture.Camera.Height);
        if ((photo.Width, photo.Height) != size || (rendering.Width, rendering.Height) != size)
        {
            throw new ArgumentException(
                $"The photo is {photo.Width}×{photo.Height} pixels, the rendering {rendering.Width}×{rendering.Height} and the camera's "
                + $"picture {size.Width}×{size.Height}; scale all three to one size.",
                nameof(picture));
        }

        int pixels = size.Width * size.Height;
        bool hasAlpha = rendering.Alpha.Length > 0;
        if (photo.Pixels.Length != 3 * pixels || rendering.Depth.Length != pixels || (hasAlpha && rendering.Alpha.Length != pixels))
        {
            throw new ArgumentException(
                $"{photo.Pixels.Length} colour values, {rendering.Depth.Length} depths and {rendering.Alpha.Length} alphas were given for "
                + $"{pixels} pixels; three colours and a depth a pixel are needed, and an alpha a pixel or none.",
                nameof(picture));
        }
    }
}
