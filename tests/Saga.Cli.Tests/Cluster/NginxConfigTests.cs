using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Saga.Api.Hosting;
using Saga.Cli.Cluster;
using Saga.Cli.Service;
using ServiceProcess = Saga.Cli.Service.ServiceProcess;
using TemporaryFolder = Saga.Cli.Service.TemporaryFolder;

namespace Saga.Cli.Tests.Cluster;

public sealed class NginxConfigTests
{
    private static readonly string Deployed = File.ReadAllText(Repository.PathOf("deploy", "nginx", "nginx.conf"));

    [Fact]
    public void The_rendered_file_has_this_run_s_addresses_and_none_of_the_deployed_ones()
    {
        string rendered = NginxConfig.Render(Deployed, 4000, [4001, 4002, 4003]);

        Assert.Contains("listen 127.0.0.1:4000;", rendered, StringComparison.Ordinal);
        Assert.Equal(
            ["4001 max_fails=1 fail_timeout=2s", "4002 max_fails=1 fail_timeout=2s", "4003 max_fails=1 fail_timeout=2s"],
            Regex.Matches(rendered, @"^\s*server 127.0.0.1:(.*);$", RegexOptions.Multiline).Select(match => match.Groups[1].Value));
        Assert.DoesNotContain("server saga-api", rendered, StringComparison.Ordinal);
        Assert.DoesNotContain("8080", rendered, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_nodes_is_refused() =>
        Assert.Throws<InvalidDataException>(() => NginxConfig.Render("listen 8080;\n", 4000, [4001]));

    [Fact]
    public async Task Nginx_accepts_the_rendered_file()
    {
        if (ClusterPrograms.Missing() is { } missing)
        {
            Assert.Skip(missing);
        }

        using var folder = new TemporaryFolder();
        string included = Path.Combine(folder.Path, "saga.conf");
        string main = Path.Combine(folder.Path, "nginx.conf");
        await File.WriteAllTextAsync(included, NginxConfig.Render(Deployed, ServiceProcess.FreePort(), [4001, 4002]));
        await File.WriteAllTextAsync(main, NginxConfig.MainFile(folder.Path, included));
        var start = new ProcessStartInfo(ClusterPrograms.Find().Nginx, ["-t", "-e", "stderr", "-p", folder.Path, "-c", main]);

        await using ChildProcess nginx = ChildProcess.Start(start, Path.Combine(folder.Path, "log"));
        await nginx.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(nginx.ExitCode == 0, nginx.LogTail());
        Assert.DoesNotContain("[warn]", nginx.ReadLog(), StringComparison.Ordinal);
    }

    /// <summary>What nginx would refuse or give up on must be what the service itself would.</summary>
    [Fact]
    public void Sizes_and_times_are_those_of_the_service()
    {
        var limits = new LimitOptions();

        Assert.Equal(limits.MaxJsonBytes >> 20, Number(@"client_max_body_size (\d+)m;"));
        Assert.True(Number(@"proxy_read_timeout (\d+)s;") > limits.RequestTimeoutSeconds);
    }

    private static long Number(string pattern) =>
        long.Parse(Regex.Match(Deployed, pattern).Groups[1].Value, CultureInfo.InvariantCulture);
}
