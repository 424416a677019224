using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Api.Segmentation;
using Saga.Engine.Cameras;

namespace Saga.Api.Rendering;

/// <summary>What a picture shows.</summary>
internal enum RenderMode
{
    Rgb,
    Depth,
    Alpha,
    Features,
    Selection,
    Clusters,
}

/// <summary>Query of GET /render: exactly one of view and camera.</summary>
internal readonly record struct RenderRequest(
    int? View, string? Camera, string? Mode, Guid? Selection, int? Width, double? Scale = null)
{
    /// <exception cref="RefusedException">422 <c>invalid-picture</c>.</exception>
    public RenderMode ParseMode()
    {
        RenderMode? mode = Mode switch
        {
            null or "rgb" => RenderMode.Rgb,
            "depth" => RenderMode.Depth,
            "alpha" => RenderMode.Alpha,
            "features" => RenderMode.Features,
            "selection" => RenderMode.Selection,
            "clusters" => RenderMode.Clusters,
            _ => null,
        };
        if (mode == RenderMode.Selection && Selection is null)
        {
            throw Invalid("mode is selection, but no selection is given; add selection=<id>.");
        }

        return mode ?? throw Invalid($"mode is «{LogText.Clean(Mode)}»; the modes are rgb, depth, alpha, features, clusters and selection.");
    }

    /// <summary>The camera asked for, at the width asked for.</summary>
    public async Task<PinholeCamera> CameraAsync(
        SceneSnapshot scene, ViewCatalog views, int maxPixels, CancellationToken cancellationToken)
    {
        if (View is null == Camera is null)
        {
            throw Invalid("Give either view=<index> or camera=<json>, and not both.");
        }

        PinholeCamera camera = Camera is { } json
            ? CameraRequest.Parse(json)
            : (await views.RequireViewAsync(scene, View!.Value, cancellationToken)).Camera;
        if (Width is { } width)
        {
            camera = width is >= 1 and <= PinholeCamera.MaxSide
                ? camera.ResizedTo(width)
                : throw Invalid($"width is {width}; it is 1 to {PinholeCamera.MaxSide} pixels.");
        }

        return (long)camera.Width * camera.Height <= maxPixels && camera.Height <= PinholeCamera.MaxSide ? camera : throw Invalid(
            $"The picture would be {camera.Width}×{camera.Height} pixels; at most {maxPixels} pixels are drawn. Ask for a smaller width.");
    }

    private static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidPicture, detail);
}
