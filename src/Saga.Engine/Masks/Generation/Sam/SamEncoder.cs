using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Saga.Engine.Images;
using Saga.Engine.Onnx;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>
/// SAM's image encoder as exporters write it: one picture in, its embedding out. Names do not matter; the input's shape tells the kind.
/// </summary>
/// <remarks>
/// [1, 3, 1024, 1024]: the bare encoder, which is given normalised and padded numbers. [H, W, 3] or [3, H, W]: exported together with normalisation
/// and padding, and given bytes as floats without padding; H and W must then be open, as pictures differ.
/// </remarks>
internal sealed class SamEncoder : IDisposable
{
    /// <summary>File name in the model's folder.</summary>
    public const string FileName = "encoder.onnx";

    private const int Side = SamFrame.Side;

    private readonly OnnxModel _model;
    private readonly OnnxTensor _input;
    private readonly OnnxTensor _output;
    private readonly float[] _normalized;

    private SamEncoder(OnnxModel model)
    {
        _model = model;
        _input = model.Inputs.Count == 1 && KindOf(model.Inputs[0]) is not null ? model.Inputs[0] : throw WrongInput();
        _output = model.Outputs.FirstOrDefault(IsEmbedding) ?? throw new InvalidOnnxModelException(
            $"{model.Name} puts out {OnnxTensor.List(model.Outputs)}. A SAM image encoder puts out float [1, 256, 64, 64]; "
            + "export the encoder itself (docs/models.md).");
        Kind = KindOf(_input)!.Value;
        _normalized = Kind == EncoderKind.Bare ? new float[3 * Side * Side] : [];
    }

    /// <summary>What the model wants to be given.</summary>
    public EncoderKind Kind { get; }

    /// <summary>What it runs on.</summary>
    public string Provider => _model.Provider;

    /// <summary>Input and output, for people.</summary>
    public string Interface => $"{_input} → {_output}";

    /// <summary>Loads and checks the encoder.</summary>
    /// <exception cref="MissingModelException">It is not installed.</exception>
    /// <exception cref="InvalidOnnxModelException">It is damaged or is no SAM image encoder.</exception>
    public static SamEncoder Load(ModelFolder folder, int maxThreads)
    {
        OnnxModel model = OnnxModel.Load(folder, FileName, maxThreads);
        try
        {
            return new SamEncoder(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Embeds a picture.</summary>
    /// <param name="photo">The picture.</param>
    /// <param name="cancellationToken">Stops between two operators.</param>
    /// <returns>The embedding, [1, 256, 64, 64], finite; dispose it.</returns>
    /// <exception cref="InvalidOnnxModelException">The model failed or put out something else.</exception>
    public SamEmbedding Encode(RgbImage photo, CancellationToken cancellationToken)
    {
        using OrtValue input = InputOf(photo);
        IDisposableReadOnlyCollection<OrtValue> outputs =
            _model.Run(new Dictionary<string, OrtValue> { [_input.Name] = input }, [_output.Name], cancellationToken);
        try
        {
            string what = $"{_model.Name}: {_output.Name}";
            OnnxValues.RequireFinite(OnnxValues.Floats(outputs[0], what, 1, 256, 64, 64), what);
            return new SamEmbedding(outputs);
        }
        catch
        {
            outputs.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private OrtValue InputOf(RgbImage photo)
    {
        if (Kind == EncoderKind.Bare)
        {
            EncoderInput.Normalized(photo, _normalized);
            return OrtValue.CreateTensorValueFromMemory(_normalized, [1, 3, Side, Side]);
        }

        var frame = SamFrame.Of(photo.Width, photo.Height);
        bool channelsFirst = Kind == EncoderKind.RawChannelsFirst;
        return OrtValue.CreateTensorValueFromMemory(
            EncoderInput.Raw(photo, channelsFirst),
            channelsFirst ? [3, frame.ScaledHeight, frame.ScaledWidth] : [frame.ScaledHeight, frame.ScaledWidth, 3]);
    }

    private static EncoderKind? KindOf(OnnxTensor input)
    {
        if (input.ElementType != TensorElementType.Float)
        {
            return null;
        }

        if (input.Fits(1, 3, Side, Side))
        {
            return EncoderKind.Bare;
        }

        return input.Shape switch
        {
            [-1, -1, 3] => EncoderKind.RawChannelsLast,
            [3, -1, -1] => EncoderKind.RawChannelsFirst,
            _ => null,
        };
    }

    private static bool IsEmbedding(OnnxTensor output) =>
        output.ElementType == TensorElementType.Float && output.Fits(1, 256, 64, 64);

    private InvalidOnnxModelException WrongInput() => new(
        $"{_model.Name} takes {OnnxTensor.List(_model.Inputs)}. A SAM image encoder takes one input: float [1, 3, 1024, 1024], or float [?, ?, 3] or "
        + "[3, ?, ?] with normalisation and padding inside; export it so (docs/models.md).");
}
