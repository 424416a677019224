using Saga.Engine.Affinity;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Api.Residency;

/// <summary>A scene and its model, ready for prompts.</summary>
internal sealed class PromptScene
{
    private PromptScene(GaussianScene scene, AffinityModel model)
    {
        Scene = scene;
        Segmenter = new PromptSegmenter(scene, model);
        Dimension = model.Dimension;
    }

    /// <summary>The Gaussians without colours.</summary>
    public GaussianScene Scene { get; }

    public PromptSegmenter Segmenter { get; }

    /// <summary>Channels of a feature.</summary>
    public int Dimension { get; }

    public static PromptScene Load(GaussianScene scene, string modelPath, string gaussiansSha256) =>
        new(scene, AffinityModelFile.Read(modelPath, scene, gaussiansSha256, CancellationToken.None));
}
