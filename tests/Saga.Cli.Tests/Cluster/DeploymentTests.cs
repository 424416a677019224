using System.Collections;
using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Saga.Api.Hosting;
using Saga.Cli.Service;

namespace Saga.Cli.Tests.Cluster;

/// <summary>What images, Compose and Kubernetes are told, against what the programs really have. None of it is run here.</summary>
public sealed class DeploymentTests
{
    private const string Port = "5080";

    private static readonly string[] KubernetesFiles = ["api.yaml", "worker.yaml", "entrance.yaml"];
    private static readonly string[] Workloads = ["Deployment", "StatefulSet"];

    /// <summary>Names of the nodes, as nginx knows them.</summary>
    private static readonly string[] Nodes = Find(Read("deploy", "nginx", "nginx.conf"), @"^\s*server ([\w-]+):5080 ");

    private static readonly Yaml Compose = Yaml.Load("docker-compose.yml").Single();

    private static readonly List<Yaml> Kubernetes =
        [.. KubernetesFiles.SelectMany(file => Yaml.Load("deploy", "kubernetes", "base", file))];

    [Fact]
    public void Every_setting_that_is_given_is_one_that_the_service_reads()
    {
        string[] files =
        [
            Repository.PathOf("Dockerfile"), Repository.PathOf("Dockerfile.gpu"), Repository.PathOf("docker-compose.yml"),
            .. Directory.GetFiles(Repository.PathOf("deploy"), "*.yaml", SearchOption.AllDirectories),
        ];
        string[] names = [.. files.SelectMany(file => Find(File.ReadAllText(file), @"\b(Saga__\w+)")).Distinct()];

        Assert.Contains("Saga__Database", names);
        Assert.All(names, name => Assert.True(IsSetting(typeof(SagaOptions), name.Split("__")[1..]), $"{name} is no setting."));
    }

    [Fact]
    public void Nginx_s_nodes_are_those_of_compose_and_kubernetes()
    {
        Assert.NotEmpty(Nodes);
        Assert.Equal(Nodes, Compose["services"].Keys.Where(name => name.StartsWith("saga-api-", StringComparison.Ordinal)));

        Yaml nodes = Kubernetes.Single(document => document["kind"].Text == "StatefulSet");
        Assert.Equal($"{Nodes.Length}", nodes.At("spec", "replicas").Text);
        Assert.Equal(Nodes, Nodes.Select((_, i) => $"{nodes.At("metadata", "name").Text}-{i}"));
        foreach (string node in Nodes)
        {
            Yaml service = Kubernetes.Single(
                document => document["kind"].Text == "Service" && document.At("metadata", "name").Text == node);
            Assert.Equal(node, service.At("spec", "selector", "statefulset.kubernetes.io/pod-name").Text);
            Assert.Equal(Port, service.At("spec", "ports").Items.Single()["port"].Text);
        }
    }

    [Fact]
    public void The_image_listens_where_nginx_asks_and_probes_look()
    {
        string image = Read("Dockerfile");
        Assert.Contains($"ASPNETCORE_URLS=http://0.0.0.0:{Port}", image, StringComparison.Ordinal);
        Assert.Contains($"\"Saga.Api.dll\", \"{HealthProbe.Command}\"]", image, StringComparison.Ordinal);

        Yaml nodes = Kubernetes.Single(document => document["kind"].Text == "StatefulSet");
        Yaml container = nodes.At("spec", "template", "spec", "containers").Items.Single();
        Assert.Equal(Port, container["ports"].Items.Single()["containerPort"].Text);
        Assert.All(
            ["startupProbe", "livenessProbe", "readinessProbe"],
            probe => Assert.Equal("/health/live", container.At(probe, "httpGet", "path").Text));
    }

    [Fact]
    public void Compose_builds_stages_that_the_dockerfiles_have()
    {
        string[] stages = Find(Read("Dockerfile"), @"^FROM .* AS (\w+)$");
        foreach (string name in Compose["services"].Keys)
        {
            Yaml build = Compose.At("services", name, "build");
            Assert.True(build["target"].Text is not { } target || stages.Contains(target), $"{name} builds no stage.");
            Assert.True(build["dockerfile"].Text is not { } file || File.Exists(Repository.PathOf(file)), $"{name} builds no file.");
        }

        Assert.Equal("false", Compose.At("services", Nodes[0], "environment", "Saga__Worker__Enabled").Text);
        Yaml worker = Compose.At("services", "worker-0", "environment");
        Assert.Contains("Host=database", worker["Saga__Database"].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_run_without_root_and_write_nowhere_but_to_their_volumes()
    {
        Yaml[] workloads = [.. Kubernetes.Where(document => Workloads.Contains(document["kind"].Text))];
        Assert.Equal(3, workloads.Length);
        foreach (Yaml pod in workloads.Select(workload => workload.At("spec", "template", "spec")))
        {
            Assert.Equal("true", pod.At("securityContext", "runAsNonRoot").Text);
            Yaml security = pod["containers"].Items.Single()["securityContext"];
            Assert.Equal("true", security["readOnlyRootFilesystem"].Text);
            Assert.Equal("false", security["allowPrivilegeEscalation"].Text);
        }
    }

    [Fact]
    public void Budgets_and_the_scaler_name_workloads_that_are_there()
    {
        IEnumerable<string?> labels = Kubernetes.Where(document => Workloads.Contains(document["kind"].Text))
            .Select(document => document.At("spec", "template", "metadata", "labels", "app").Text);
        Yaml[] budgets = [.. Kubernetes.Where(document => document["kind"].Text == "PodDisruptionBudget")];
        Assert.Equal(labels.Order(), budgets.Select(budget => budget.At("spec", "selector", "matchLabels", "app").Text).Order());

        Yaml scaler = Kubernetes.Single(document => document["kind"].Text == "HorizontalPodAutoscaler");
        Assert.Equal("saga-worker", scaler.At("spec", "scaleTargetRef", "name").Text);
        Assert.Equal("saga_jobs", scaler.At("spec", "metrics").Items.Single().At("external", "metric", "name").Text);
    }

    [Theory]
    [InlineData("base")]
    [InlineData("gpu")]
    [InlineData("s3")]
    public async Task Kustomize_renders_it(string folder)
    {
        string rendered = await RunAsync("kubectl", "kubernetes-client", "kustomize", Repository.PathOf("deploy", "kubernetes", folder));
        Assert.Contains(folder == "gpu" ? "nvidia.com/gpu.present" : "image: saga-worker:", rendered, StringComparison.Ordinal);
        Assert.Matches(@"name: saga-nginx-\w+", rendered);
    }

    [Fact]
    public async Task Compose_s_schema_holds_with_every_profile()
    {
        // Debian's docker-compose is of version 1, whose schema knows no name; everything else here it does.
        using var copy = new TemporaryFolder();
        string file = Path.Combine(copy.Path, "docker-compose.yml");
        await File.WriteAllTextAsync(
            file,
            string.Join('\n', Read("docker-compose.yml").Split('\n').Where(line => !line.StartsWith("name:", StringComparison.Ordinal))),
            TestContext.Current.CancellationToken);

        string config = await RunAsync("docker-compose", "docker-compose", "-f", file, "--profile", "gpu", "--profile", "tools", "config");

        foreach (string service in Compose["services"].Keys)
        {
            Assert.Contains($"  {service}:\n", config, StringComparison.Ordinal);
        }
    }

    /// <summary>Runs a program to its end and returns what it wrote; skips where it is not installed.</summary>
    private static async Task<string> RunAsync(string program, string package, params string[] arguments)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Skip($"{program} is not installed. (Debian: apt-get install {package})");
        }

        using var logs = new TemporaryFolder();
        var start = new ProcessStartInfo(path, arguments) { Environment = { ["POSTGRES_PASSWORD"] = "secret" } };
        await using ChildProcess process = ChildProcess.Start(start, Path.Combine(logs.Path, "log"));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, process.LogTail());
        return process.ReadLog();
    }

    private static bool IsSetting(Type type, string[] path)
    {
        if (path.Length == 0)
        {
            return true;
        }

        Type? property = type.GetProperty(path[0], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)?.PropertyType;
        bool isItem = path.Length == 2 && typeof(IEnumerable).IsAssignableFrom(property);
        return property is not null && (isItem || IsSetting(property, path[1..]));
    }

    private static string[] Find(string text, string pattern) =>
        [.. Regex.Matches(text, pattern, RegexOptions.Multiline).Select(match => match.Groups[1].Value)];

    private static string Read(params string[] path) => File.ReadAllText(Repository.PathOf(path));
}
