using Saga.Api.Hosting;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Api.Segmentation;

/// <summary>A prompt.</summary>
/// <param name="View">Index of a view; or give <paramref name="Camera"/>.</param>
/// <param name="Points">At least one positive point.</param>
/// <param name="Scale">Granularity as a quantile in [0, 1], 0 the finest; 0.5 when neither scale is given.</param>
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
    private const double DefaultScale = 0.5;

    /// <summary>Refuses what can be refused without the scene.</summary>
    /// <exception cref="RefusedException">422, names the field.</exception>
    public void Check(int maxPoints)
    {
        if (View is null == Camera is null)
        {
            throw Invalid("Give either view (an index) or camera, and not both.");
        }

        if (Points is null || Points.Count == 0 || !Points.Any(point => point is { Positive: not false }))
        {
            throw Invalid("points holds no positive point; click at least once on the object.");
        }

        if (Points.Count > maxPoints)
        {
            throw Invalid($"points holds {Points.Count} points; at most {maxPoints} are accepted.");
        }

        if (Points.Any(point => point is null || !double.IsFinite(point.X) || !double.IsFinite(point.Y)))
        {
            throw Invalid("points holds an entry without finite x and y.");
        }

        if (Scale is not null && ScaleWorld is not null)
        {
            throw Invalid("Give either scale (0 to 1) or scaleWorld (world units), and not both.");
        }

        if (Scale is { } scale && !(scale is >= 0 and <= 1))
        {
            throw RefusedException.Unprocessable(ProblemCodes.ScaleOutOfRange, FormattableString.Invariant(
                $"scale is {scale}; it is a quantile from 0 (finest) to 1 (coarsest). For world units use scaleWorld."));
        }

        if (ScaleWorld is { } world && !(double.IsFinite(world) && world >= 0))
        {
            throw RefusedException.Unprocessable(ProblemCodes.ScaleOutOfRange, FormattableString.Invariant(
                $"scaleWorld is {world}; it is a size in world units, 0 or more."));
        }

        if (Threshold is { } threshold && !(threshold is >= -1 and <= 1))
        {
            throw RefusedException.Unprocessable(ProblemCodes.ThresholdOutOfRange, FormattableString.Invariant(
                $"threshold is {threshold}; it is a cosine from -1 to 1."));
        }
    }

    public double Quantile(ScaleQuantiles quantiles) =>
        ScaleWorld is { } world ? quantiles.ToQuantile(world) : Scale ?? DefaultScale;

    /// <summary>The engine's prompt; the camera is the view's or the request's.</summary>
    /// <exception cref="RefusedException">422 <c>point-outside-view</c>.</exception>
    public PointPrompt ToPrompt(PinholeCamera camera, ScaleQuantiles quantiles, GaussianSelection? within)
    {
        var points = new PromptPoint[Points!.Count];
        for (int i = 0; i < points.Length; i++)
        {
            PointRequest point = Points[i]!;
            if (!(point.X >= 0 && point.X < camera.Width && point.Y >= 0 && point.Y < camera.Height))
            {
                throw RefusedException.Unprocessable(ProblemCodes.PointOutsideView, FormattableString.Invariant(
                    $"Point {i} is at ({point.X}, {point.Y}); the view is {camera.Width}×{camera.Height} pixels with (0, 0) at its top left."));
            }

            // Narrowing to float may round up to the border, which is outside.
            var position = new PixelPosition(
                Math.Min((float)point.X, MathF.BitDecrement(camera.Width)), Math.Min((float)point.Y, MathF.BitDecrement(camera.Height)));
            points[i] = new PromptPoint(position, point.Positive ?? true);
        }

        return new PointPrompt(
            camera, points, Quantile(quantiles), (float?)Threshold ?? PointPrompt.DefaultThreshold, Connected ?? false, within);
    }

    private static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidPrompt, detail);
}

/// <summary>One click, in pixels of the view; the centre of the top-left pixel is (0.5, 0.5).</summary>
/// <param name="Positive">True (default): belongs to the object. False: does not.</param>
internal sealed record PointRequest(double X, double Y, bool? Positive);
