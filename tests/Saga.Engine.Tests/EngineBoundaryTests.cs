using System.Reflection;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests;

public sealed class EngineBoundaryTests
{
    // What hosts own. The engine computes; it does not serve, store or log.
    private static readonly string[] Forbidden =
    [
        "Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Microsoft.Extensions", "Microsoft.Data", "Npgsql", "SQLite", "Quartz", "Serilog",
        "System.Net.Http", "System.Data", "Saga.Persistence", "Saga.Worker", "Saga.Api", "Saga.Cli",
    ];

    [Fact]
    public void The_engine_sees_no_web_no_database_and_no_logger()
    {
        // Through its own libraries too: what it loads, its users load.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<Assembly>([typeof(GaussianScene).Assembly]);
        while (open.TryDequeue(out Assembly? assembly))
        {
            foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
            {
                if (seen.Add(reference.Name!) && !reference.Name!.StartsWith("System", StringComparison.Ordinal)
                    && !reference.Name.StartsWith("netstandard", StringComparison.Ordinal))
                {
                    open.Enqueue(Assembly.Load(reference));
                }
            }
        }

        Assert.Contains("System.Runtime", seen);
        Assert.DoesNotContain(seen, name => Forbidden.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }
}
