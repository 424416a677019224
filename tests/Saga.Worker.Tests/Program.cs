using Saga.Tests;

namespace Saga.Worker.Tests;

internal static class Program
{
    public static Task<int> Main(string[] args) => args is [WorkerProcess.Switch, string folder, string database]
        ? WorkerProcess.RunAsync(folder, database)
        : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
