using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Engine.Segmentation;

namespace Saga.Api.Segmentation;

/// <summary>What a point hit.</summary>
/// <param name="X">As in the request.</param>
/// <param name="Y">As in the request.</param>
/// <param name="Alpha">Σ w of the pixel, in [0, 1].</param>
/// <param name="Depth">Σ w·z / Σ w, world units along the camera's z axis.</param>
/// <param name="Position">Where the surface is in the world, [x, y, z].</param>
internal sealed record PointFeatureResponse(double X, double Y, float Alpha, float Depth, float[] Position)
{
    /// <param name="request">The points as the client wrote them.</param>
    /// <param name="prompt">The same points and their camera.</param>
    /// <param name="points">What they showed, in the same order.</param>
    public static IReadOnlyList<PointFeatureResponse> Of(
        SegmentRequest request, PointPrompt prompt, IReadOnlyList<QueryFeature> points) =>
        [.. points.Select((point, i) => new PointFeatureResponse(
            request.Points![i]!.X!.Value, request.Points[i]!.Y!.Value, point.Alpha, point.Depth, PositionOf(prompt, i, point)))];

    /// <summary>Says the positions in a header, for answers that are bytes.</summary>
    public static void WriteHeader(HttpResponse response, PointPrompt prompt, IReadOnlyList<QueryFeature> points) =>
        response.Headers["X-Point-Positions"] =
            JsonSerializer.Serialize(points.Select((point, i) => PositionOf(prompt, i, point)), ContractJson.Options);

    private static float[] PositionOf(PointPrompt prompt, int index, QueryFeature point)
    {
        (double x, double y, double z) = prompt.Camera.ToWorld(
            prompt.Points[index].Position.X, prompt.Points[index].Position.Y, point.Depth);
        return [(float)x, (float)y, (float)z];
    }
}
