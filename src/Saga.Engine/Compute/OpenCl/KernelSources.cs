using System.Globalization;
using System.Reflection;
using System.Text;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Compute.OpenCl;

/// <summary>The kernels' text: the numbers that they share with the CPU's kernels, then the files of this folder's Kernels.</summary>
internal static class KernelSources
{
    private const string Head = "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n#pragma OPENCL FP_CONTRACT OFF\n";

    /// <summary>Pictures, rows and prompts.</summary>
    public static string Scene()
    {
        // Exact whatever a compiler makes of decimal numbers.
        var source = new StringBuilder(Head);
        Define(source, "MAX_ALPHA", BlendLimits.MaxAlpha);
        Define(source, "MIN_ALPHA", BlendLimits.MinAlpha);
        Define(source, "MIN_TRANSMITTANCE", BlendLimits.MinTransmittance);
        Define(source, "MIN_DEPTH_COVERAGE", BlendLimits.MinDepthCoverage);
        Define(source, "DILATION", BlendLimits.Dilation);
        Define(source, "EXPONENT_MARGIN", BlendLimits.MaxExponent(0));
        Define(source, "HALF_LOG2_E", ProjectKernel.HalfLog2E);
        Define(source, "ROOT_HALF_LOG2_E", MathF.Sqrt(ProjectKernel.HalfLog2E));
        Define(source, "BOX_MARGIN_PIXELS", ProjectKernel.BoxMarginPixels);
        Define(source, "MIN_NORM_SQUARED", GatedSimilarityKernel.MinNormSquared);
        source.Append(CultureInfo.InvariantCulture, $"#define NEAR_PLANE as_double(0x{BitConverter.DoubleToUInt64Bits(BlendLimits.NearPlane):X}UL)\n");
        source.Append(CultureInfo.InvariantCulture, $"#define TILE {TileGrid.Side}\n");
        foreach (string file in (string[])["probe.cl", "scan.cl", "raster.cl", "rows.cl", "select.cl"])
        {
            source.Append(Read(file)).Append('\n');
        }

        return source.ToString();
    }

    /// <summary>Training; loops over channels have a fixed length, so that they stay in registers.</summary>
    public static string Training(int channels) => $"{Head}#define CHANNELS {channels}\n{Read("train.cl")}";

    private static void Define(StringBuilder source, string name, float value) => source.Append(
        CultureInfo.InvariantCulture, $"#define {name} as_float(0x{BitConverter.SingleToUInt32Bits(value):X8}u)\n");

    private static string Read(string file)
    {
        Assembly assembly = typeof(KernelSources).Assembly;
        string name = assembly.GetManifestResourceNames().Single(n => n.EndsWith("Kernels." + file, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
