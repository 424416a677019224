using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Api.Residency;

/// <summary>A scene with its colours, ready to be drawn.</summary>
internal sealed class PictureScene(GaussianScene scene)
{
    public GaussianScene Scene { get; } = scene;

    public CpuRasterizer Rasterizer { get; } = new(scene);
}
