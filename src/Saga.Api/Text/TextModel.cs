using System.Collections.Concurrent;
using Saga.Api.Hosting;
using Saga.Engine.Onnx;
using Saga.Engine.OpenVocabulary;

namespace Saga.Api.Text;

/// <summary>The CLIP model of this process: opened when the first text comes, also where it was installed after the start.</summary>
internal sealed partial class TextModel(SagaOptions options, ILogger<TextModel> logger) : IDisposable
{
    /// <summary>Texts come again: people change them letter by letter and go back.</summary>
    private const int RememberedTexts = 256;

    private readonly ModelFolder _folder = new(options.WorkerOptions.ModelsDirectory!, ClipModel.FolderName);
    private readonly Lock _opening = new();
    private readonly ConcurrentDictionary<string, float[]> _texts = new(StringComparer.Ordinal);
    private ClipModel? _model;

    /// <exception cref="RefusedException">409 <c>model-missing</c>: none is installed, or what is there cannot be used.</exception>
    public ClipModel Require()
    {
        lock (_opening)
        {
            if (_model is not null)
            {
                return _model;
            }

            if (!ClipModel.IsInstalled(_folder))
            {
                throw RefusedException.Conflict(
                    ProblemCodes.ModelMissing,
                    $"No CLIP model is installed: put {string.Join(", ", ClipModel.Files)} of an ONNX export into the folder «clip» of the service's "
                    + "models (Saga:Models:Directory); ./run models says where to get them and checks them.");
            }

            try
            {
                _model = ClipModel.Open(_folder);
                LogOpened(logger, _model.Channels, _model.Provider);
                return _model;
            }
            catch (Exception error) when (error is MissingModelException or InvalidOnnxModelException or InvalidVocabularyException)
            {
                LogUnusable(logger, error.Message);
                throw RefusedException.Conflict(ProblemCodes.ModelMissing, $"The installed CLIP model cannot be used: {error.Message}");
            }
        }
    }

    /// <summary>A text's unit feature.</summary>
    public float[] Encode(ClipModel model, string text)
    {
        if (_texts.Count >= RememberedTexts)
        {
            _texts.Clear();
        }

        return _texts.GetOrAdd(text, model.EncodeText);
    }

    public void Dispose() => _model?.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "CLIP model opened, {Channels} channels, on {Provider}")]
    private static partial void LogOpened(ILogger logger, int channels, string provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The CLIP model cannot be used: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string reason);
}
