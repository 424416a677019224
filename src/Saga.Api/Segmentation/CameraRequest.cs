using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Engine.Cameras;

namespace Saga.Api.Segmentation;

/// <summary>A camera given in the request instead of a view's index.</summary>
/// <param name="WorldToCamera">16 numbers, row-major; x right, y down, z forward.</param>
internal sealed record CameraRequest(
    int? Width, int? Height, double? Fx, double? Fy, double? Cx, double? Cy, double[]? WorldToCamera)
{
    /// <exception cref="RefusedException">422 <c>invalid-camera</c>.</exception>
    public PinholeCamera ToCamera()
    {
        if (Width is not { } width || Height is not { } height
            || Fx is not { } fx || Fy is not { } fy || Cx is not { } cx || Cy is not { } cy)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidCamera, "camera lacks one of width, height, fx, fy, cx and cy; it needs all of them and worldToCamera.");
        }

        try
        {
            var camera = new PinholeCamera(width, height, fx, fy, cx, cy, CameraPose.FromRowMajor(WorldToCamera ?? []));
            camera.Validate();
            return camera;
        }
        catch (InvalidCameraException error)
        {
            throw RefusedException.Unprocessable(ProblemCodes.InvalidCamera, $"camera: {error.Message}");
        }
    }

    /// <summary>Reads a camera from a query parameter.</summary>
    public static PinholeCamera Parse(string json)
    {
        try
        {
            CameraRequest? request = JsonSerializer.Deserialize<CameraRequest>(json, ContractJson.Options);
            return request?.ToCamera() ?? throw RefusedException.Unprocessable(ProblemCodes.InvalidCamera, "camera is null.");
        }
        catch (JsonException error)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidCamera,
                "camera is not JSON of the form {\"width\",\"height\",\"fx\",\"fy\",\"cx\",\"cy\",\"worldToCamera\":[16]} "
                + $"(at {LogText.Clean(error.Path)}).");
        }
    }
}
