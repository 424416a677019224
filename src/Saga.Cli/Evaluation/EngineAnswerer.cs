using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Cli.Evaluation;

/// <summary>Answers the protocol's prompts with the engine in this process.</summary>
/// <param name="views">The scene's views.</param>
/// <param name="segment">The prompt segmenter of a trained model.</param>
public sealed class EngineAnswerer(IReadOnlyList<SceneView> views, Func<PointPrompt, GaussianSelection> segment)
{
    private readonly Dictionary<string, PinholeCamera> _cameras =
        views.ToDictionary(view => view.Name, view => view.Camera, StringComparer.Ordinal);

    /// <summary>Answers one prompt with the bit mask of the selected records.</summary>
    public byte[] Answer(EvaluationPrompt prompt)
    {
        if (!_cameras.TryGetValue(prompt.View, out PinholeCamera? camera))
        {
            throw new InvalidDataException($"There is a part map for {prompt.View}, but no camera of that name.");
        }

        var point = new PromptPoint(new PixelPosition(prompt.X, prompt.Y), Positive: true);
        return segment(new PointPrompt(camera, [point], prompt.Scale, prompt.Threshold)).Bits.ToArray();
    }
}
