using Microsoft.ML.OnnxRuntime;
using Saga.Engine.Onnx;
using Saga.Tests.Onnx;

namespace Saga.Engine.Tests.Onnx;

public sealed class OnnxSessionsTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public OnnxSessionsTests() => File.WriteAllBytes(_path, ColorSam.Encoder(ColorSam.EncoderForm.Bare));

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Without_CUDA_in_the_runtime_the_processor_is_used()
    {
        (InferenceSession session, string provider) = OnnxSessions.Open(_path, 1, ["CPUExecutionProvider"]);

        Assert.Equal("CPU, 1 thread", provider);
        Assert.Single(session.InputNames);
        session.Dispose();
    }

    [Fact]
    public void CUDA_that_does_not_start_falls_back_to_the_processor_and_says_so()
    {
        if (OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            Assert.Skip("This ONNX Runtime has CUDA; it might start.");
        }

        (InferenceSession session, string provider) = OnnxSessions.Open(_path, 2, ["CUDAExecutionProvider", "CPUExecutionProvider"]);

        Assert.StartsWith("CPU, 2 threads; CUDA", provider);
        Assert.Single(session.InputNames);
        session.Dispose();
    }
}
