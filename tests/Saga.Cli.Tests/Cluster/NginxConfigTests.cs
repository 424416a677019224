using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
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
            ["4001 max_fails=1 fail_timeout=1s", "4002 max_fails=1 fail_timeout=1s", "4003 max_fails=1 fail_timeout=1s"],
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
        await using ChildProcess nginx = Start(folder.Path, ServiceProcess.FreePort(), "-t");
        await nginx.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(nginx.ExitCode == 0, nginx.LogTail());
        Assert.DoesNotContain("[warn]", nginx.ReadLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_node_clients_are_told_to_come_back()
    {
        if (ClusterPrograms.Missing() is { } missing)
        {
            Assert.Skip(missing);
        }

        using var folder = new TemporaryFolder();
        int port = ServiceProcess.FreePort();
        await using ChildProcess nginx = Start(folder.Path, port);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await WaitUntilItListensAsync(port);

        foreach (string path in new[] { "/", "/api/v1/scenes/01890000-0000-7000-8000-000000000001", "/hubs/progress" })
        {
            using HttpResponseMessage answer = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Contains("no-node", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using HttpResponseMessage metrics = await client.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);
    }

    /// <summary>What nginx would refuse or give up on must be what the service itself would.</summary>
    [Fact]
    public void Sizes_and_times_are_those_of_the_service()
    {
        var limits = new LimitOptions();

        Assert.Equal(limits.MaxJsonBytes >> 20, Number(@"client_max_body_size (\d+)m;"));
        Assert.True(Number(@"proxy_read_timeout (\d+)s;") > limits.RequestTimeoutSeconds);
    }

    /// <summary>Starts nginx with nodes that are not there.</summary>
    private static ChildProcess Start(string folder, int port, params string[] arguments)
    {
        string included = Path.Combine(folder, "saga.conf");
        string main = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(included, NginxConfig.Render(Deployed, port, [ServiceProcess.FreePort(), ServiceProcess.FreePort()]));
        File.WriteAllText(main, NginxConfig.MainFile(folder, included));
        return ChildProcess.Start(
            new ProcessStartInfo(ClusterPrograms.Find().Nginx, [.. arguments, "-e", "stderr", "-p", folder, "-c", main]),
            Path.Combine(folder, "log"));
    }

    private static async Task WaitUntilItListensAsync(int port)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                using var connection = new TcpClient();
                await connection.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (tries < 200)
            {
                await Task.Delay(50);
            }
        }
    }

    private static long Number(string pattern) =>
        long.Parse(Regex.Match(Deployed, pattern).Groups[1].Value, CultureInfo.InvariantCulture);
}
