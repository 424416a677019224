using System.Runtime.InteropServices;
using Saga.Engine.Numerics;

namespace Saga.Benchmarks;

/// <summary>The machine that figures belong to, printed above them.</summary>
internal static class MachineDescription
{
    /// <summary>One list entry per property.</summary>
    public static string ToMarkdown() => string.Join('\n',
        $"- processor: {Processor()}, {Environment.ProcessorCount} logical cores for this process",
        $"- vectors: {Simd.Description}",
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
}
