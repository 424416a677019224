using Microsoft.ML.OnnxRuntime;

namespace Saga.Engine.Onnx;

/// <summary>A loaded ONNX model: what it declares, and running it.</summary>
/// <remarks>Every failure of the runtime becomes an <see cref="InvalidOnnxModelException"/> in our words. Not thread-safe.</remarks>
internal sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;

    private OnnxModel(string name, InferenceSession session, string provider)
    {
        Name = name;
        _session = session;
        Provider = provider;
        Inputs = [.. session.InputNames.Select(input => OnnxTensor.From(input, session.InputMetadata[input]))];
        Outputs = [.. session.OutputNames.Select(output => OnnxTensor.From(output, session.OutputMetadata[output]))];
    }

    /// <summary>Folder and file, for messages: <c>sam/encoder.onnx</c>.</summary>
    public string Name { get; }

    /// <summary>What it runs on, e.g. <c>CPU, 2 threads</c>.</summary>
    public string Provider { get; }

    /// <summary>Declared inputs, in the model's order.</summary>
    public IReadOnlyList<OnnxTensor> Inputs { get; }

    /// <summary>Declared outputs, in the model's order.</summary>
    public IReadOnlyList<OnnxTensor> Outputs { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="folder">The folder it is in.</param>
    /// <param name="fileName">Its file.</param>
    /// <param name="maxThreads">Threads of the processor's kernels; 0 for as many as this process may use.</param>
    /// <exception cref="MissingModelException">The file is not there.</exception>
    /// <exception cref="InvalidOnnxModelException">It is no complete ONNX model, or ONNX Runtime cannot run it.</exception>
    public static OnnxModel Load(ModelFolder folder, string fileName, int maxThreads)
    {
        string path = folder.PathOf(fileName);
        string name = $"{folder.Name}/{fileName}";
        int threads = maxThreads > 0 ? maxThreads : Environment.ProcessorCount;
        try
        {
            OrtEnv runtime = OrtEnv.Instance();
            runtime.DisableTelemetryEvents();
            (InferenceSession session, string provider) = OnnxSessions.Open(path, threads, runtime.GetAvailableProviders());
            return new OnnxModel(name, session, provider);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InvalidOnnxModelException(WhyNotLoaded(name, new FileInfo(path).Length, exception), exception);
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new InvalidOnnxModelException(
                "ONNX Runtime's native library cannot be loaded on this machine; it exists for Linux and Windows on x64 and Arm64 and "
                + "for macOS on Arm64. Without it masks come from uploads or from the built-in generator.", exception);
        }
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">Names and values.</param>
    /// <param name="outputs">Names of the outputs wanted.</param>
    /// <param name="cancellationToken">Stops the run between two of the model's operators.</param>
    /// <returns>The outputs in the order asked for; dispose them.</returns>
    /// <exception cref="InvalidOnnxModelException">The model failed.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputs, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var run = new RunOptions();
        using CancellationTokenRegistration stop = cancellationToken.Register(() => run.Terminate = true);
        try
        {
            return _session.Run(run, inputs, outputs);
        }
        catch (OnnxRuntimeException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOnnxModelException(
                $"{Name} failed while it ran, with inputs of the declared shapes. It is damaged, needs more memory than there is, or "
                + "is not the model it declares to be; export it again, and try it with `./run models`.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static string WhyNotLoaded(string name, long bytes, OnnxRuntimeException exception)
    {
        // The runtime's message begins with its code; the rest is for developers and stays in the inner exception.
        string code = exception.Message.Split("[ErrorCode:", 2)[^1].Split(']', 2)[0];
        string why = code switch
        {
            "InvalidProtobuf" or "NoModel" => "it is no ONNX model, or a truncated one",
            "InvalidGraph" => "its graph is inconsistent",
            "NotImplemented" => "it uses an operator that ONNX Runtime does not have",
            _ => "it is damaged, of a newer ONNX version than is understood here, or refers to data files that are not beside it",
        };
        return $"{name} ({bytes} bytes) cannot be loaded: {why}. Export it again, and keep its data files in the same folder.";
    }
}
