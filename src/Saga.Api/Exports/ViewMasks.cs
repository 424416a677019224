using Saga.Api.Hosting;
using Saga.Api.Rendering;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Engine.Cameras;
using Saga.Engine.Segmentation;

namespace Saga.Api.Exports;

/// <summary>What a selection covers in the views of its scene, view after view.</summary>
internal static class ViewMasks
{
    /// <summary>The views, all of which can be drawn: refused before the first byte, as half an archive helps nobody.</summary>
    /// <exception cref="RefusedException">422 <c>views-missing</c> or <c>invalid-picture</c>.</exception>
    public static async Task<IReadOnlyList<SceneView>> RequireViewsAsync(
        SceneSnapshot scene, ViewCatalog views, LimitOptions limits, CancellationToken cancellationToken)
    {
        IReadOnlyList<SceneView> all = await views.CamerasAsync(scene.Cameras, cancellationToken);
        if (all.Count == 0)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.ViewsMissing, $"The scene has no views; PUT its cameras to /api/v1/scenes/{scene.Id}/cameras first.");
        }

        for (int index = 0; index < all.Count; index++)
        {
            await new RenderRequest(index, null, null, null, null).CameraAsync(scene, views, limits.MaxPicturePixels, cancellationToken);
        }

        return all;
    }

    /// <summary>Draws one view's mask, [height, width], and makes something of it, in its turn among other pictures.</summary>
    public static async Task<T> DrawAsync<T>(
        PictureScene pictures, GaussianSelection selection, PinholeCamera camera, WorkQueue queue, Func<byte[], T> make,
        CancellationToken cancellationToken)
    {
        // One view at a time, so that other pictures get their turn between two.
        using (await queue.EnterAsync(cancellationToken))
        {
            return await Task.Run(
                () => make(Pictures.Mask(pictures.Rasterizer, pictures.Scene, selection, camera, cancellationToken)), cancellationToken);
        }
    }
}
