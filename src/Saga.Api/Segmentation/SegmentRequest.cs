using Saga.Api.Hosting;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Api.Segmentation;

/// <summary>A prompt. What is wrong with its numbers the engine says; here is refused what it never sees.</summary>
/// <param name="View">Index of a view; or give <paramref name="Camera"/>.</param>
/// <param name="Points">At least one positive point.</param>
/// <param name="Scale">Granularity as a quantile in [0, 1], 0 the finest; that of the most stable candidate (other than most of the scene) when neither scale is given.</param>
/// <param name="ScaleWorld">Granularity in world units, instead of <paramref name="Scale"/>.</param>
/// <param name="Threshold">Smallest cosine that counts as selected, -1 to 1; default 0.75.</param>
/// <param name="Connected">Keep only what is connected to a prompted surface.</param>
/// <param name="Within">Id of a selection to refine.</param>
internal sealed record SegmentRequest(
    int? View,
    CameraRequest? Camera,
    IReadOnlyList<PointRequest?>? Points,
    double? Scale,
    double? ScaleWorld,
    double? Threshold,
    bool? Connected,
    Guid? Within)
{
    /// <summary>False where the most stable granularity is asked for.</summary>
    public bool HasScale => Scale is not null || ScaleWorld is not null;

    /// <exception cref="RefusedException">422, names the field.</exception>
    /// <param name="limits">How many points there may be.</param>
    public void Check(LimitOptions limits)
    {
        if (View is null == Camera is null)
        {
            throw Invalid("Give either view (an index) or camera, and not both.");
        }

        if (Points is null || Points.Count == 0 || Points.Any(point => point?.X is null || point.Y is null))
        {
            throw Invalid("points is empty or holds one without x or y; give at least one point, {\"x\", \"y\", \"positive\"}.");
        }

        if (Points.Count > limits.MaxPoints)
        {
            throw RefusedException.Unprocessable(
                PromptRefusedException.TooManyPoints,
                $"The prompt has {Points.Count} points; at most {limits.MaxPoints} are taken (Saga:Limits:MaxPoints). Thin the stroke out.");
        }

        if (Scale is not null && ScaleWorld is not null)
        {
            throw Invalid("Give either scale (0 to 1) or scaleWorld (world units), and not both.");
        }

        if (ScaleWorld is { } world && !(double.IsFinite(world) && world >= 0))
        {
            throw RefusedException.Unprocessable(ProblemCodes.ScaleOutOfRange, FormattableString.Invariant(
                $"scaleWorld is {world}; it is a size in world units, 0 or more."));
        }
    }

    /// <summary>The engine's prompt, at quantile 0 where no scale is given; the camera is the view's or the request's.</summary>
    public PointPrompt ToPrompt(PinholeCamera camera, ScaleQuantiles quantiles, GaussianSelection? within) => new(
        camera,
        [.. Points!.Select(point => new PromptPoint(new PixelPosition((float)point!.X!, (float)point.Y!), point.Positive ?? true))],
        ScaleWorld is { } world ? quantiles.ToQuantile(world) : Scale ?? 0,
        (float?)Threshold ?? PointPrompt.DefaultThreshold,
        Connected ?? false,
        within);

    private static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidPrompt, detail);
}

/// <summary>One click, in pixels of the view; the centre of the top-left pixel is (0.5, 0.5).</summary>
/// <param name="Positive">True (default): belongs to the object. False: does not.</param>
internal sealed record PointRequest(double? X, double? Y, bool? Positive);
