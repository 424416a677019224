using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Worker.Compute;

namespace Saga.Api.Residency;

/// <summary>A scene and its model, ready for prompts.</summary>
internal sealed class PromptScene : IResident, IDisposable
{
    private PromptScene(GaussianScene scene, PromptSegmenter segmenter)
    {
        Scene = scene;
        Segmenter = segmenter;
    }

    /// <summary>The Gaussians without colours.</summary>
    public GaussianScene Scene { get; }

    public PromptSegmenter Segmenter { get; }

    public long ByteCount => Segmenter.ByteCount;

    public int GaussianCount => Scene.Count;

    public static PromptScene Load(GaussianScene scene, string modelPath, string gaussiansSha256, ComputeNode compute)
    {
        PromptSegmenter segmenter = PromptSegmenter.Load(scene, modelPath, gaussiansSha256, CancellationToken.None);
        if (compute.Device is { } device)
        {
            segmenter.UseDevice(device, compute.Failed);
        }

        return new PromptScene(scene, segmenter);
    }

    public void Dispose() => Segmenter.LeaveDevice();
}
