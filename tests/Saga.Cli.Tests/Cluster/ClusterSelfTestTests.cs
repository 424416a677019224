using Saga.Cli.Cluster;

namespace Saga.Cli.Tests.Cluster;

public sealed class ClusterSelfTestTests
{
    /// <summary>nginx, PostgreSQL, three nodes and two workers, killed, stopped and restarted under load; <c>./run cluster --self-test</c> in short.</summary>
    [Fact]
    public async Task Killed_and_restarted_processes_go_unnoticed()
    {
        if (ClusterPrograms.Missing() is { } missing)
        {
            Assert.Skip(missing);
        }

        using var output = new StringWriter();
        var test = new ClusterSelfTest(3, 2, ClusterTestSize.Brief, output);

        bool passed = await test.RunAsync(TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        Assert.True(passed, output.ToString());
        Assert.EndsWith("cluster: 8 checks passed", output.ToString().TrimEnd(), StringComparison.Ordinal);
    }
}
