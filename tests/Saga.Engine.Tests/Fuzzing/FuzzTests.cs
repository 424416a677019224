namespace Saga.Engine.Tests.Fuzzing;

/// <summary>Every parser for some seconds; <c>./run fuzz</c> goes on for longer.</summary>
public sealed class FuzzTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    public static TheoryData<string> Names
    {
        get
        {
            using var targets = new FuzzTargets();
            return [.. targets.All.Select(target => target.Name)];
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_files_are_refused_or_read_and_nothing_else(string name)
    {
        using var targets = new FuzzTargets();
        FuzzResult result = new FuzzRun(targets.All.Single(target => target.Name == name), seed: 1).Run(Time, long.MaxValue);
        Assert.True(result.Finding is null, result.Finding);
        Assert.True(result.Inputs > 0);
    }

    [Fact]
    public void The_run_finds_what_must_not_happen()
    {
        byte[] right = [1, 2, 3, 4];
        FuzzTarget Faulty(Action<byte[]> parse) => new("faulty", [right], file => (file == right ? _ => { } : parse)(file), []);

        Assert.Contains("IndexOutOfRange", Find(Faulty(file => _ = file[file.Length])), StringComparison.Ordinal);
        Assert.Contains("MiB", Find(Faulty(_ => GC.KeepAlive(new byte[100 << 20]))), StringComparison.Ordinal);
        Assert.Contains(" s of work", Find(Faulty(_ => WorkFor(TimeSpan.FromSeconds(1.2)))), StringComparison.Ordinal);
    }

    private static void WorkFor(TimeSpan time)
    {
        TimeSpan end = Environment.CpuUsage.TotalTime + time;
        while (Environment.CpuUsage.TotalTime < end)
        {
        }
    }

    private static string Find(FuzzTarget target)
    {
        string finding = new FuzzRun(target, seed: 1).Run(TimeSpan.FromSeconds(30), 1000).Finding!;
        File.Delete(finding[(finding.LastIndexOf(' ') + 1)..]);
        return finding;
    }
}
