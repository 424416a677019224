using Saga.Engine.Affinity;
using Saga.Engine.Compute;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.OpenCl;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Compute;

/// <summary>Where shared tests run: each is held to the same on the CPU and on an OpenCL device.</summary>
public abstract class TestDevice
{
    private static readonly Lazy<ComputeDevice?> Opened = new(OpenFirst);

    public static TestDevice Cpu { get; } = new OnCpu();

    public static TestDevice OpenCl { get; } = new OnOpenCl();

    public abstract IRasterizer Rasterizer(GaussianScene scene);

    public abstract PromptSegmenter Segmenter(GaussianScene scene, AffinityModel model, int threads = 2);

    /// <summary>The first device that can be used; PoCL makes one of the processor. Skips the test where there is none.</summary>
    internal static ComputeDevice Require()
    {
        if (Opened.Value is null)
        {
            Assert.Skip($"There is no OpenCL device: {Reasons()} (Debian: apt-get install pocl-opencl-icd)");
        }

        return Opened.Value;
    }

    private static ComputeDevice? OpenFirst()
    {
        ComputeDeviceInfo? usable = ComputeDevice.List().FirstOrDefault(device => device.Missing is null);
        return usable is null ? null : ComputeDevice.Open(usable);
    }

    private static string Reasons()
    {
        IReadOnlyList<ComputeDeviceInfo> all = ComputeDevice.List();
        return all.Count == 0 ? "none was found." : string.Join("; ", all.Select(device => $"{device.Name}: {device.Missing}")) + ".";
    }

    private sealed class OnCpu : TestDevice
    {
        public override IRasterizer Rasterizer(GaussianScene scene) => new CpuRasterizer(scene);

        public override PromptSegmenter Segmenter(GaussianScene scene, AffinityModel model, int threads) => new(scene, model) { MaxThreads = threads };
    }

    private sealed class OnOpenCl : TestDevice
    {
        public override IRasterizer Rasterizer(GaussianScene scene) => new OpenClRasterizer(scene, Require());

        public override PromptSegmenter Segmenter(GaussianScene scene, AffinityModel model, int threads)
        {
            // The CPU's help would hide what the device does wrong.
            var segmenter = new PromptSegmenter(scene, model) { MaxThreads = threads };
            segmenter.UseDevice(Require(), error => throw new InvalidOperationException("The device failed.", error));
            Assert.True(segmenter.IsOnDevice);
            return segmenter;
        }
    }
}
