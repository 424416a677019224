using Saga.Engine.Neighbors;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Api.Residency;

/// <summary>A scene with its colours, ready to be drawn.</summary>
internal sealed class PictureScene(GaussianScene scene) : IResident
{
    public GaussianScene Scene { get; } = scene;

    public CpuRasterizer Rasterizer { get; } = new(scene);

    /// <summary>For editing selections of a scene that has no model, and so none in memory for prompts.</summary>
    public NeighborGraph Neighbors { get; } = new(scene);

    public long ByteCount => Scene.ByteCount + Rasterizer.ByteCount + Neighbors.ByteCount;

    public int GaussianCount => Scene.Count;
}
