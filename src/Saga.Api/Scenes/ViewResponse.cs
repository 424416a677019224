using Saga.Engine.Cameras;

namespace Saga.Api.Scenes;

/// <summary>A view of a scene as the contract shows it.</summary>
/// <param name="WorldToCamera">16 numbers, row-major; x right, y down, z forward.</param>
internal sealed record ViewResponse(
    int Index,
    string Name,
    int Width,
    int Height,
    double Fx,
    double Fy,
    double Cx,
    double Cy,
    double[] WorldToCamera,
    bool HasImage,
    int MaskCount)
{
    public static ViewResponse From(ViewEntry entry)
    {
        PinholeCamera camera = entry.View.Camera;
        return new ViewResponse(
            entry.Index,
            entry.View.Name,
            camera.Width,
            camera.Height,
            camera.Fx,
            camera.Fy,
            camera.Cx,
            camera.Cy,
            camera.Pose.ToRowMajor(),
            entry.HasImage,
            entry.MaskCount);
    }
}
