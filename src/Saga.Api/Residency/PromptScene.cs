using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Api.Residency;

/// <summary>A scene and its model, ready for prompts.</summary>
internal sealed class PromptScene : IResident
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

    public static PromptScene Load(GaussianScene scene, string modelPath, string gaussiansSha256) =>
        new(scene, PromptSegmenter.Load(scene, modelPath, gaussiansSha256, CancellationToken.None));
}
