using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Engine.Onnx;

namespace Saga.Cli.Models;

/// <summary><c>saga models</c>: what is installed, whether it is right, and where to get what is not.</summary>
public static class ModelsCommand
{
    /// <summary>How to call it.</summary>
    public const string Usage =
        """
        models [--directory FOLDER]               list the installed models, try them, say where weights come from
          --directory FOLDER          instead of Saga__Models__Directory, or models in the data directory
                                      ends with 0 unless something that is installed is incomplete or wrong
        """;

    private static readonly string[] Options = ["directory"];

    /// <summary>Runs the command.</summary>
    /// <param name="args">Its arguments.</param>
    /// <param name="output">Receives the list.</param>
    /// <param name="cancellationToken">Stops trying a model.</param>
    /// <returns>0, or 1 where a model is incomplete or wrong. One that is not installed is no fault: the service does without.</returns>
    public static int Run(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        string directory = Path.GetFullPath(Arguments.Parse(args, [], Options, []).Text("directory") ?? ConfiguredDirectory());
        output.WriteLine($"Models are looked for in {directory}");
        output.WriteLine();
        bool samIsRight = SamReport.Write(directory, output, cancellationToken);
        output.WriteLine();
        bool clipIsRight = ClipReport.Write(directory, output);
        return samIsRight && clipIsRight ? 0 : 1;
    }

    /// <summary>The same setting and default as the service's.</summary>
    private static string ConfiguredDirectory()
    {
        if (Environment.GetEnvironmentVariable("Saga__Models__Directory") is { Length: > 0 } directory)
        {
            return directory;
        }

        string? data = Environment.GetEnvironmentVariable("Saga__DataDirectory");
        return Path.Combine(string.IsNullOrEmpty(data) ? Repository.PathOf("data") : data, ModelFolder.DefaultDirectory);
    }
}
