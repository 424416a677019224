using Saga.Engine.Tests.Fuzzing;

namespace Saga.Engine.Tests;

internal static class Program
{
    public static async Task<int> Main(string[] args) => args is [FuzzCommand.Switch, .. string[] rest]
        ? FuzzCommand.Run(rest)
        : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
