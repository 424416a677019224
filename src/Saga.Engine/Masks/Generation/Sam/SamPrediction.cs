using Microsoft.ML.OnnxRuntime;
using Saga.Engine.Onnx;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>What the decoder answers to one or several points: logits of masks and their predicted quality, still in the model's memory.</summary>
internal sealed class SamPrediction : IDisposable
{
    private readonly IDisposableReadOnlyCollection<OrtValue> _outputs;
    private readonly string _masksName;
    private readonly int _total;
    private readonly int _skipped;
    private readonly int _width;
    private readonly int _height;

    private SamPrediction(
        IDisposableReadOnlyCollection<OrtValue> outputs, int prompts, (int Width, int Height) size, string qualityName, string masksName)
    {
        _outputs = outputs;
        _masksName = masksName;
        (_width, _height) = size;
        ReadOnlySpan<float> quality = OnnxValues.Floats(outputs[0], qualityName, prompts, -1);
        OnnxValues.RequireFinite(quality, qualityName);
        _total = quality.Length / prompts;

        // Four masks: the first is meant for prompts of many points; the other three are whole, part and subpart. Three: without the first.
        // One: the best of them.
        _skipped = _total == 4 ? 1 : 0;
        if (_total is not (1 or 3 or 4))
        {
            throw new InvalidOnnxModelException(
                $"{qualityName} rates {_total} masks a point; a SAM mask decoder puts out 4, 3 or 1. Export it with the official script.");
        }

        OnnxValues.Floats(outputs[1], masksName, prompts, _total, _height, _width);
    }

    /// <summary>Masks of one point.</summary>
    public int MasksPerPoint => _total - _skipped;

    /// <summary>Checks the outputs and takes them over, also when they are refused.</summary>
    /// <param name="outputs">Quality and masks.</param>
    /// <param name="prompts">How many points were asked about.</param>
    /// <param name="size">Size of the masks that must have come.</param>
    /// <param name="qualityName">Model and output, for messages.</param>
    /// <param name="masksName">Model and output, for messages.</param>
    /// <exception cref="InvalidOnnxModelException">Another type or shape, or quality that is not finite.</exception>
    public static SamPrediction Of(
        IDisposableReadOnlyCollection<OrtValue> outputs, int prompts, (int Width, int Height) size, string qualityName, string masksName)
    {
        try
        {
            return new SamPrediction(outputs, prompts, size, qualityName, masksName);
        }
        catch
        {
            outputs.Dispose();
            throw;
        }
    }

    /// <summary>The quality of a mask as the model predicts it: an IoU, about 0..1.</summary>
    /// <param name="prompt">Which point.</param>
    /// <param name="mask">0..MasksPerPoint-1.</param>
    public float Quality(int prompt, int mask) => _outputs[0].GetTensorDataAsSpan<float>()[prompt * _total + _skipped + mask];

    /// <summary>The logits of a mask, row-major; positive inside.</summary>
    /// <param name="prompt">Which point.</param>
    /// <param name="mask">0..MasksPerPoint-1.</param>
    /// <exception cref="InvalidOnnxModelException">They are not finite.</exception>
    public ReadOnlySpan<float> Logits(int prompt, int mask)
    {
        int pixels = _width * _height;
        ReadOnlySpan<float> logits =
            _outputs[1].GetTensorDataAsSpan<float>().Slice((prompt * _total + _skipped + mask) * pixels, pixels);
        OnnxValues.RequireFinite(logits, _masksName);
        return logits;
    }

    /// <inheritdoc/>
    public void Dispose() => _outputs.Dispose();
}
