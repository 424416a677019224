using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Saga.Engine.Onnx;

namespace Saga.Engine.OpenVocabulary;

/// <summary>One of CLIP's encoders: its input and output are found by shape and checked. Safe for use by several threads, one at a time.</summary>
internal sealed class ClipEncoder : IDisposable
{
    private const int UsualSide = 224;
    private const int MaxSide = 1024;
    private const int MaxChannels = 4096;

    private readonly Lock _running = new();
    private readonly OnnxModel _model;
    private readonly OnnxTensor _input;
    private readonly OnnxTensor? _attentionMask;
    private readonly OnnxTensor _output;

    private ClipEncoder(OnnxModel model, OnnxTensor input, OnnxTensor? attentionMask, int side)
    {
        _model = model;
        _input = input;
        _attentionMask = attentionMask;
        _output = OutputOf(model);
        Side = side;

        // Models often leave the number of channels open in their description: one run tells.
        Channels = _output.Shape[1] > 0 ? _output.Shape[1] : Measure();
        if (Channels > MaxChannels)
        {
            throw Unexpected(model, $"at most {MaxChannels} channels");
        }
    }

    /// <summary>Pixels of a picture's side; 0 for texts.</summary>
    public int Side { get; }

    /// <summary>Channels of a feature.</summary>
    public int Channels { get; }

    /// <summary>What it runs on.</summary>
    public string Provider => _model.Provider;

    /// <exception cref="MissingModelException">The file is not there.</exception>
    /// <exception cref="InvalidOnnxModelException">No image encoder.</exception>
    public static ClipEncoder OpenVision(ModelFolder folder, string fileName, int threads) => Open(folder, fileName, threads, model =>
    {
        if (model.Inputs is not [{ ElementType: TensorElementType.Float } input] || !input.Fits(-1, 3, -1, -1))
        {
            throw Unexpected(model, "one input, float [?, 3, side, side]");
        }

        int side = input.Shape[2] > 0 ? input.Shape[2] : UsualSide;
        return side <= MaxSide && input.Fits(-1, 3, side, side)
            ? new ClipEncoder(model, input, null, side)
            : throw Unexpected(model, $"square pictures of at most {MaxSide} pixels");
    });

    /// <exception cref="MissingModelException">The file is not there.</exception>
    /// <exception cref="InvalidOnnxModelException">No text encoder.</exception>
    public static ClipEncoder OpenText(ModelFolder folder, string fileName, int threads) => Open(folder, fileName, threads, model =>
    {
        OnnxTensor[] whole =
        [
            .. model.Inputs.Where(input => input.ElementType is TensorElementType.Int64 or TensorElementType.Int32 && input.Fits(-1, ClipTokenizer.ContextLength)),
        ];
        OnnxTensor[] masks = [.. whole.Where(input => input.Name.Contains("mask", StringComparison.OrdinalIgnoreCase))];
        OnnxTensor[] ids = [.. whole.Except(masks)];
        return ids.Length == 1 && masks.Length <= 1 && model.Inputs.Count == whole.Length
            ? new ClipEncoder(model, ids[0], masks.FirstOrDefault(), 0)
            : throw Unexpected(model, $"token ids, whole numbers [?, {ClipTokenizer.ContextLength}], and at most an attention mask beside them");
    });

    /// <summary>Encodes one text.</summary>
    /// <param name="ids">[<see cref="ClipTokenizer.ContextLength"/>].</param>
    /// <param name="feature">Receives [<see cref="Channels"/>].</param>
    public void Run(long[] ids, Span<float> feature)
    {
        using OrtValue input = Whole(_input, ids);
        using OrtValue? mask = _attentionMask is null ? null : Whole(_attentionMask, MaskOf(ids));
        var inputs = new Dictionary<string, OrtValue> { [_input.Name] = input };
        if (mask is not null)
        {
            inputs[_attentionMask!.Name] = mask;
        }

        Run(inputs, feature);
    }

    /// <summary>Encodes pictures.</summary>
    /// <param name="planes">[pictures, 3, <see cref="Side"/>, <see cref="Side"/>].</param>
    /// <param name="features">Receives [pictures, <see cref="Channels"/>].</param>
    public void Run(float[] planes, Span<float> features)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(planes, [planes.Length / (3 * Side * Side), 3, Side, Side]);
        Run(new Dictionary<string, OrtValue> { [_input.Name] = input }, features);
    }

    public void Dispose() => _model.Dispose();

    private void Run(Dictionary<string, OrtValue> inputs, Span<float> features)
    {
        lock (_running)
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = _model.Run(inputs, [_output.Name], CancellationToken.None);
            OnnxValues.Floats(outputs[0], $"{_model.Name}: {_output.Name}", features.Length / Channels, Channels).CopyTo(features);
        }
    }

    private int Measure()
    {
        using OrtValue input = Side > 0
            ? OrtValue.CreateTensorValueFromMemory(new float[3 * Side * Side], [1, 3, Side, Side])
            : Whole(_input, new long[ClipTokenizer.ContextLength]);
        using OrtValue? mask = _attentionMask is null ? null : Whole(_attentionMask, MaskOf(new long[ClipTokenizer.ContextLength]));
        var inputs = new Dictionary<string, OrtValue> { [_input.Name] = input };
        if (mask is not null)
        {
            inputs[_attentionMask!.Name] = mask;
        }

        using IDisposableReadOnlyCollection<OrtValue> outputs = _model.Run(inputs, [_output.Name], CancellationToken.None);
        return OnnxValues.Floats(outputs[0], $"{_model.Name}: {_output.Name}", 1, -1).Length;
    }

    private static OrtValue Whole(OnnxTensor input, long[] values) => input.ElementType == TensorElementType.Int32
        ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (int)value), [1, values.Length])
        : OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);

    // One for every token up to the end token: what follows is padding.
    private static long[] MaskOf(long[] ids)
    {
        long[] mask = new long[ids.Length];
        Array.Fill(mask, 1, 0, Math.Max(1, Array.FindLastIndex(ids, id => id != 0) + 1));
        return mask;
    }

    private static ClipEncoder Open(ModelFolder folder, string fileName, int threads, Func<OnnxModel, ClipEncoder> make)
    {
        OnnxModel model = OnnxModel.Load(folder, fileName, threads);
        try
        {
            return make(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static OnnxTensor OutputOf(OnnxModel model)
    {
        OnnxTensor[] outputs = [.. model.Outputs.Where(output => output.ElementType == TensorElementType.Float && output.Rank == 2)];
        OnnxTensor[] named = [.. outputs.Where(output => output.Name.Contains("embed", StringComparison.OrdinalIgnoreCase))];
        return named.Length == 1 ? named[0]
            : outputs.Length == 1 ? outputs[0]
            : throw Unexpected(model, "one output, float [?, channels], or one of several called …embeds");
    }

    private static InvalidOnnxModelException Unexpected(OnnxModel model, string expected) => new(
        $"{model.Name} takes {OnnxTensor.List(model.Inputs)} and gives {OnnxTensor.List(model.Outputs)}; expected {expected}.");
}
