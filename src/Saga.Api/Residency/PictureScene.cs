using Saga.Engine.Neighbors;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Worker.Compute;

namespace Saga.Api.Residency;

/// <summary>A scene with its colours, ready to be drawn.</summary>
internal sealed class PictureScene(GaussianScene scene, ComputeNode? compute = null) : IResident, IDisposable
{
    public GaussianScene Scene { get; } = scene;

    public IRasterizer Rasterizer { get; } =
        compute?.Device is { } device ? new FallbackRasterizer(scene, device, 0, compute.Failed) : new CpuRasterizer(scene);

    /// <summary>For editing selections of a scene that has no model, and so none in memory for prompts.</summary>
    public NeighborGraph Neighbors { get; } = new(scene);

    public long ByteCount => Scene.ByteCount + Rasterizer.ByteCount + Neighbors.ByteCount;

    public int GaussianCount => Scene.Count;

    public void Dispose() => (Rasterizer as FallbackRasterizer)?.LeaveDevice();
}
