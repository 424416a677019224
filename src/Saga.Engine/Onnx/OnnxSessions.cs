using Microsoft.ML.OnnxRuntime;

namespace Saga.Engine.Onnx;

/// <summary>Opens sessions of ONNX Runtime on the best device there is.</summary>
internal static class OnnxSessions
{
    private const string Cuda = "CUDAExecutionProvider";

    /// <summary>Opens a model: with CUDA where this ONNX Runtime has it and it starts, otherwise on the processor.</summary>
    /// <param name="path">The model; data files that it refers to are found beside it.</param>
    /// <param name="threads">Threads of the processor's kernels, from 1.</param>
    /// <param name="available">Execution providers of this ONNX Runtime.</param>
    /// <returns>The session and one phrase that says what it runs on.</returns>
    /// <exception cref="OnnxRuntimeException">The model cannot be loaded on the processor either.</exception>
    public static (InferenceSession Session, string Provider) Open(string path, int threads, IReadOnlyList<string> available)
    {
        string cpu = $"CPU, {threads} {(threads == 1 ? "thread" : "threads")}";
        if (!available.Contains(Cuda))
        {
            using SessionOptions plain = Options(threads);
            return (new InferenceSession(path, plain), cpu);
        }

        // Both can throw without a usable GPU: naming the provider (its library or CUDA's is missing) and the constructor (no device).
        try
        {
            using SessionOptions options = Options(threads);
            options.AppendExecutionProvider_CUDA(0);
            return (new InferenceSession(path, options), "CUDA, device 0");
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            using SessionOptions plain = Options(threads);
            return (new InferenceSession(path, plain),
                $"{cpu}; CUDA is built into this ONNX Runtime but did not start (no GPU, or no matching driver, CUDA or cuDNN)");
        }
    }

    private static SessionOptions Options(int threads)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,

            // What goes wrong is thrown, and told in our words; nothing is written to the host's console.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };

        // Idle threads sleep: between two runs the cores belong to prompts and to the masks' own arithmetic.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }
}
