using System.Collections.Concurrent;
using Saga.Api.Hosting;
using Saga.Engine.OpenVocabulary;

namespace Saga.Api.Text;

/// <summary>The CLIP model of this process: opened when the first text comes, also where it was installed after the start.</summary>
internal sealed partial class TextModel(SagaOptions options, ILogger<TextModel> logger) : IDisposable
{
    /// <summary>Texts come again: people change them letter by letter and go back.</summary>
    private const int RememberedTexts = 256;

    private readonly Lock _opening = new();
    private readonly ConcurrentDictionary<string, float[]> _texts = new(StringComparer.Ordinal);
    private ClipModel? _model;

    public bool IsInstalled => _model is not null || ClipModel.IsInstalled(options.Models.ClipFolder);

    /// <exception cref="RefusedException">409 <c>model-missing</c>: none is installed, or what is there cannot be used.</exception>
    public ClipModel Require()
    {
        lock (_opening)
        {
            if (_model is not null)
            {
                return _model;
            }

            if (!ClipModel.IsInstalled(options.Models.ClipFolder))
            {
                throw RefusedException.Conflict(
                    ProblemCodes.ModelMissing,
                    $"No CLIP model is installed: put {string.Join(", ", ClipModel.Files)} of an ONNX export into the folder «clip» of the service's "
                    + "models (Saga:Models:Directory); ./run models says where to get them and checks them.");
            }

            try
            {
                _model = ClipModel.Open(options.Models.ClipFolder);
                LogOpened(logger, _model.Channels);
                return _model;
            }
            catch (InvalidVocabularyException error)
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

    [LoggerMessage(Level = LogLevel.Information, Message = "CLIP model opened, {Channels} channels")]
    private static partial void LogOpened(ILogger logger, int channels);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The CLIP model cannot be used: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string reason);
}
