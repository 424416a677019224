using Microsoft.ML.OnnxRuntime;

namespace Saga.Engine.OpenVocabulary;

/// <summary>One of CLIP's encoders as an ONNX model: its input and output are found by shape and checked.</summary>
internal sealed class ClipEncoder : IDisposable
{
    private const int UsualSide = 224;
    private const int MaxSide = 1024;
    private const int MaxChannels = 4096;

    private readonly InferenceSession _session;
    private readonly string _name;
    private readonly string _input;
    private readonly string? _attentionMask;
    private readonly string _output;
    private readonly bool _isInt32;

    private ClipEncoder(InferenceSession session, string name, string input, string? attentionMask, string output, bool isInt32, int side, int channels)
    {
        _session = session;
        _name = name;
        _input = input;
        _attentionMask = attentionMask;
        _output = output;
        _isInt32 = isInt32;
        Side = side;
        Channels = channels;
    }

    /// <summary>Pixels of a picture's side; 0 for texts.</summary>
    public int Side { get; }

    /// <summary>Channels of a feature.</summary>
    public int Channels { get; }

    /// <exception cref="InvalidVocabularyException">No image encoder.</exception>
    public static ClipEncoder OpenVision(string path, int threads)
    {
        (InferenceSession session, string name) = Open(path, threads);
        try
        {
            KeyValuePair<string, NodeMetadata>[] inputs = [.. session.InputMetadata.Where(i => i.Value.ElementType == typeof(float) && i.Value.Dimensions.Length == 4)];
            if (inputs.Length != 1 || session.InputMetadata.Count != 1 || inputs[0].Value.Dimensions[1] is not (3 or -1))
            {
                throw Unexpected(session, name, "one input, float [n, 3, side, side]");
            }

            int[] shape = inputs[0].Value.Dimensions;
            int side = shape[2] > 0 ? shape[2] : UsualSide;
            if (side > MaxSide || (shape[3] > 0 && shape[3] != side) || shape[0] == 0)
            {
                throw Unexpected(session, name, $"square pictures of at most {MaxSide} pixels");
            }

            var encoder = new ClipEncoder(session, name, inputs[0].Key, null, OutputOf(session, name), false, side, 0);
            return encoder.WithChannels(new float[3 * side * side], [1, 3, side, side]);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidVocabularyException">No text encoder.</exception>
    public static ClipEncoder OpenText(string path, int threads)
    {
        (InferenceSession session, string name) = Open(path, threads);
        try
        {
            KeyValuePair<string, NodeMetadata>[] inputs =
                [.. session.InputMetadata.Where(i => i.Value.Dimensions.Length == 2 && (i.Value.ElementType == typeof(long) || i.Value.ElementType == typeof(int)))];
            KeyValuePair<string, NodeMetadata>[] masks = [.. inputs.Where(i => i.Key.Contains("mask", StringComparison.OrdinalIgnoreCase))];
            KeyValuePair<string, NodeMetadata>[] ids = [.. inputs.Except(masks)];
            if (ids.Length != 1 || masks.Length > 1 || session.InputMetadata.Count != ids.Length + masks.Length
                || ids[0].Value.Dimensions[1] is not (-1 or ClipTokenizer.ContextLength))
            {
                throw Unexpected(session, name, $"token ids, whole numbers [n, {ClipTokenizer.ContextLength}], and at most an attention mask beside them");
            }

            var encoder = new ClipEncoder(
                session, name, ids[0].Key, masks.Length == 1 ? masks[0].Key : null, OutputOf(session, name), ids[0].Value.ElementType == typeof(int), 0, 0);
            return encoder.WithChannels(new long[ClipTokenizer.ContextLength], [1, ClipTokenizer.ContextLength]);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs the encoder on whole numbers.</summary>
    public void Run(long[] values, long[] shape, Span<float> features)
    {
        using OrtValue input = _isInt32
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (int)value), shape)
            : OrtValue.CreateTensorValueFromMemory(values, shape);
        Dictionary<string, OrtValue> inputs = new() { [_input] = input };
        OrtValue? mask = null;
        if (_attentionMask is not null)
        {
            mask = MaskOf(values, shape);
            inputs[_attentionMask] = mask;
        }

        using (mask)
        {
            Run(inputs, features);
        }
    }

    /// <summary>Runs the encoder on pictures.</summary>
    public void Run(float[] values, long[] shape, Span<float> features)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, shape);
        Run(new Dictionary<string, OrtValue> { [_input] = input }, features);
    }

    public void Dispose() => _session.Dispose();

    // One for every token up to the end token: what follows is padding.
    private OrtValue MaskOf(long[] ids, long[] shape)
    {
        long[] mask = new long[ids.Length];
        for (int start = 0; start < ids.Length; start += ClipTokenizer.ContextLength)
        {
            int end = Array.FindLastIndex(ids, start + ClipTokenizer.ContextLength - 1, ClipTokenizer.ContextLength, id => id != 0);
            Array.Fill(mask, 1, start, Math.Max(1, end - start + 1));
        }

        return _session.InputMetadata[_attentionMask!].ElementType == typeof(int)
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(mask, value => (int)value), shape)
            : OrtValue.CreateTensorValueFromMemory(mask, shape);
    }

    private void Run(Dictionary<string, OrtValue> inputs, Span<float> features)
    {
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(options, inputs, [_output]);
        ReadOnlySpan<float> answer = outputs[0].GetTensorDataAsSpan<float>();
        if (answer.Length != features.Length)
        {
            throw new InvalidVocabularyException($"{_name} answers with {answer.Length} numbers where {features.Length} were expected.");
        }

        answer.CopyTo(features);
    }

    // Models often leave the number of channels open in their description: one run tells.
    private ClipEncoder WithChannels<T>(T[] values, long[] shape)
    {
        int declared = _session.OutputMetadata[_output].Dimensions[1];
        int channels = declared > 0 ? declared : Measure(values, shape);
        return channels is > 0 and <= MaxChannels
            ? new ClipEncoder(_session, _name, _input, _attentionMask, _output, _isInt32, Side, channels)
            : throw new InvalidVocabularyException($"{_name} gives {channels} channels; 1 to {MaxChannels} were expected.");
    }

    private int Measure<T>(T[] values, long[] shape)
    {
        try
        {
            using OrtValue input = values is long[] ids && _isInt32
                ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(ids, id => (int)id), shape)
                : values is long[] longs ? OrtValue.CreateTensorValueFromMemory(longs, shape) : OrtValue.CreateTensorValueFromMemory((float[])(object)values, shape);
            var inputs = new Dictionary<string, OrtValue> { [_input] = input };
            using OrtValue? mask = _attentionMask is null ? null : MaskOf((long[])(object)values, shape);
            if (mask is not null)
            {
                inputs[_attentionMask!] = mask;
            }

            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(options, inputs, [_output]);
            return outputs[0].GetTensorDataAsSpan<float>().Length;
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidVocabularyException($"{_name} cannot be run on an input of the shape that it describes.", error);
        }
    }

    private static (InferenceSession Session, string Name) Open(string path, int threads)
    {
        string name = Path.GetFileName(path);
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            if (threads > 0)
            {
                options.IntraOpNumThreads = threads;
            }

            return (new InferenceSession(path, options), name);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidVocabularyException($"{name} is no ONNX model that this version of ONNX Runtime reads, or is damaged.", error);
        }
    }

    private static string OutputOf(InferenceSession session, string name)
    {
        KeyValuePair<string, NodeMetadata>[] outputs =
            [.. session.OutputMetadata.Where(o => o.Value.ElementType == typeof(float) && o.Value.Dimensions.Length == 2)];
        KeyValuePair<string, NodeMetadata>[] named = [.. outputs.Where(o => o.Key.Contains("embed", StringComparison.OrdinalIgnoreCase))];
        return named.Length == 1 ? named[0].Key
            : outputs.Length == 1 ? outputs[0].Key
            : throw Unexpected(session, name, "one output, float [n, channels], or one of several called …embeds");
    }

    private static InvalidVocabularyException Unexpected(InferenceSession session, string name, string expected)
    {
        string inputs = string.Join(", ", session.InputMetadata.Select(Describe));
        string outputs = string.Join(", ", session.OutputMetadata.Select(Describe));
        return new InvalidVocabularyException($"{name} takes {inputs} and gives {outputs}; expected {expected}.");
    }

    private static string Describe(KeyValuePair<string, NodeMetadata> node) =>
        $"{node.Key} {node.Value.ElementType?.Name} [{string.Join(", ", node.Value.Dimensions.Select(d => d < 0 ? "n" : $"{d}"))}]";
}
