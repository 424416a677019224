using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Cli.Evaluation;

/// <summary>Answers the protocol's prompts with the engine in this process.</summary>
public sealed class EngineAnswerer
{
    private readonly Dictionary<string, PinholeCamera> _cameras;
    private readonly PromptSegmenter _segmenter;

    /// <summary>Matches the scene's part maps with its cameras.</summary>
    /// <param name="scene">The scene's labels.</param>
    /// <param name="views">The scene's views.</param>
    /// <param name="segmenter">The prompt segmenter of a trained model.</param>
    /// <exception cref="InvalidDataException">A part map has no camera of its name and size.</exception>
    public EngineAnswerer(LabeledScene scene, IReadOnlyList<SceneView> views, PromptSegmenter segmenter)
    {
        _cameras = views.ToDictionary(view => view.Name, view => view.Camera, StringComparer.Ordinal);
        _segmenter = segmenter;
        foreach (LabeledView map in scene.Views)
        {
            LabeledScene.RequireCamera(
                map, _cameras.TryGetValue(map.Name, out PinholeCamera? camera) ? (camera.Width, camera.Height) : null);
        }
    }

    /// <summary>Answers one prompt with the bit mask of the selected records.</summary>
    public byte[] Answer(EvaluationPrompt prompt)
    {
        var point = new PromptPoint(new PixelPosition(prompt.X, prompt.Y), Positive: true);
        var request = new PointPrompt(_cameras[prompt.View], [point], prompt.Scale, prompt.Threshold);
        return _segmenter.Segment(request, CancellationToken.None).Selection.Bits.ToArray();
    }
}
