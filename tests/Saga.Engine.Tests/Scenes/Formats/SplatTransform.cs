using System.Diagnostics;
using Saga.Tests;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>
/// An independent converter, npm's @playcanvas/splat-transform, installed by the first test that needs it under tests/Converter. Where
/// Node.js or the package is not to be had, its tests skip and say so.
/// </summary>
internal static class SplatTransform
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConversionTime = TimeSpan.FromMinutes(5);
    private static readonly string Folder = Path.Combine(SharedData.RepositoryRoot, "tests", "Converter");
    private static readonly string Program =
        Path.Combine(Folder, "node_modules", "@playcanvas", "splat-transform", "bin", "cli.mjs");

    private static readonly Lazy<string?> Missing = new(Install);

    /// <summary>Converts a file; the formats are told from the names.</summary>
    public static void Convert(string from, string to, params string[] options)
    {
        if (Missing.Value is { } reason)
        {
            Assert.Skip(reason);
        }

        (int code, string output) = Run("node", [Program, "--quiet", "--overwrite", "--gpu", "cpu", .. options, from, to], ConversionTime);
        Assert.True(code == 0, $"splat-transform failed on {Path.GetFileName(from)}: {output}");
    }

    private static string? Install()
    {
        if (File.Exists(Program))
        {
            return null;
        }

        try
        {
            (int code, string output) = Run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], InstallTime);
            return code == 0 && File.Exists(Program) ? null : $"splat-transform could not be installed by npm: {output}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "Node.js is missing, which the independent converter splat-transform runs on.";
        }
    }

    private static (int Code, string Output) Run(string program, string[] arguments, TimeSpan time)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(time))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"not done after {time}");
        }

        return (process.ExitCode, $"{output.Result} {errors.Result}".Trim());
    }
}
