using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Saga.Benchmarks;

/// <summary>The machine that figures belong to, printed above them.</summary>
internal static class MachineDescription
{
    /// <summary>One list entry per property.</summary>
    public static string ToMarkdown() => string.Join('\n',
        $"- processor: {Processor()}, {Environment.ProcessorCount} logical cores for this process",
        $"- vectors: {Vectors()}",
        $"- memory: {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB",
        $"- system: {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
        $"- runtime: {RuntimeInformation.FrameworkDescription}",
        "");

    private static string Processor()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? "not named by the system";
    }

    private static string Vectors()
    {
        string widest = Vector512.IsHardwareAccelerated ? "512 bits"
            : Vector256.IsHardwareAccelerated ? "256 bits"
            : Vector128.IsHardwareAccelerated ? "128 bits"
            : "none";
        string family = Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2";
        return $"{widest} ({family})";
    }
}
