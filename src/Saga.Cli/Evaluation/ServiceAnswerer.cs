using Saga.Cli.Service;
using Saga.Engine.Segmentation;

namespace Saga.Cli.Evaluation;

/// <summary>Answers the protocol's prompts by asking a service.</summary>
public sealed class ServiceAnswerer
{
    private const int UnprocessableContent = 422;

    private readonly ServiceClient _client;
    private readonly Guid _sceneId;
    private readonly Dictionary<string, ViewAnswer> _views;
    private readonly CancellationToken _cancellationToken;

    private ServiceAnswerer(
        ServiceClient client, Guid sceneId, Dictionary<string, ViewAnswer> views, CancellationToken cancellationToken)
    {
        _client = client;
        _sceneId = sceneId;
        _views = views;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Matches the scene's part maps with the service's views.</summary>
    /// <exception cref="InvalidDataException">A part map has no view of its name and size.</exception>
    public static async Task<ServiceAnswerer> CreateAsync(
        ServiceClient client, Guid sceneId, LabeledScene scene, CancellationToken cancellationToken)
    {
        ViewAnswer[] answers = await client.GetViewsAsync(sceneId, cancellationToken);
        Dictionary<string, ViewAnswer> views = answers.ToDictionary(view => view.Name, StringComparer.Ordinal);
        foreach (LabeledView map in scene.Views)
        {
            LabeledScene.RequireCamera(map, views.TryGetValue(map.Name, out ViewAnswer? view) ? (view.Width, view.Height) : null);
        }

        return new ServiceAnswerer(client, sceneId, views, cancellationToken);
    }

    /// <summary>Index of a view in the service.</summary>
    public int IndexOf(string view) => _views[view].Index;

    /// <summary>Answers one prompt with the bit mask of the selected records.</summary>
    public byte[] Answer(EvaluationPrompt prompt) => AnswerAsync(prompt).GetAwaiter().GetResult().Bits;

    /// <summary>Answers one prompt, with the wall-clock of the request in milliseconds.</summary>
    public async Task<(byte[] Bits, double Milliseconds)> AnswerAsync(EvaluationPrompt prompt)
    {
        try
        {
            return await _client.SegmentAsync(
                _sceneId, IndexOf(prompt.View), prompt.X, prompt.Y, prompt.Scale, prompt.Threshold, _cancellationToken);
        }
        catch (ServiceException error) when (error.Status == UnprocessableContent)
        {
            throw new PromptRefusedException(error.Code, error.Message);
        }
    }
}
