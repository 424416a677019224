using Saga.Cli.Cluster;

namespace Saga.Cli.Tests.Cluster;

public sealed class ClusterSelfTestTests
{
    /// <summary><c>./run cluster --self-test</c> in short: nodes, workers and PostgreSQL, killed and restarted under load.</summary>
    [Fact]
    public async Task Killed_and_restarted_processes_go_unnoticed()
    {
        if (ClusterPrograms.Missing() is { } missing)
        {
            Assert.Skip(missing);
        }

        using var output = new StringWriter();
        var test = new ClusterSelfTest(2, 2, ClusterTestSize.Brief, output);

        bool passed = await test.RunAsync(TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        Assert.True(passed, output.ToString());
        Assert.EndsWith("cluster: 8 checks passed", output.ToString().TrimEnd(), StringComparison.Ordinal);
    }
}
