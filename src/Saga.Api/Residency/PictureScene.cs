using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Api.Residency;

/// <summary>A scene with its colours, ready to be drawn.</summary>
internal sealed class PictureScene(GaussianScene scene) : IResident
{
    public GaussianScene Scene { get; } = scene;

    public CpuRasterizer Rasterizer { get; } = new(scene);

    public long ByteCount => Scene.ByteCount + Rasterizer.ByteCount;

    public int GaussianCount => Scene.Count;
}
