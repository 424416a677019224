using Microsoft.Data.Sqlite;
using Saga.Cli.CommandLine;
using Saga.Cli.Keys;
using Saga.Persistence;
using Saga.Persistence.Access;

namespace Saga.Cli.Tests.Keys;

public sealed class KeysCommandTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("saga-keys-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data, true);
    }

    [Fact]
    public async Task A_key_is_shown_once_and_kept_nowhere()
    {
        (int code, string made) = await RunAsync("create", "robot", "--scope", "write");

        Assert.Equal(0, code);
        string key = made.Trim().Split('\n')[^1];
        Assert.True(ApiKeyText.TryReadId(key, out string? id));
        string list = (await RunAsync("list")).Text;
        Assert.Contains($"{id}  write  active", list);
        Assert.EndsWith("robot", list.TrimEnd());
        Assert.DoesNotContain(key[^43..], list);

        SqliteConnection.ClearAllPools();
        foreach (string file in Directory.EnumerateFiles(_data, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(key[^43..], await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1));
        }
    }

    [Fact]
    public async Task A_revoked_key_is_listed_as_such_and_an_unknown_one_is_a_fault()
    {
        string id = await CreateAsync("one");

        Assert.Equal(0, (await RunAsync("revoke", id)).Code);
        Assert.Contains($"{id}  read   revoked", (await RunAsync("list")).Text);
        (int code, string text) = await RunAsync("revoke", "000000000000");
        Assert.Equal(1, code);
        Assert.Contains("no key of that id", text);
    }

    [Fact]
    public async Task Expiry_and_limits_are_kept_and_listed()
    {
        await CreateAsync("guest", "--expires", "7", "--requests-per-minute", "60", "--bytes", "1000", "--scenes=2", "--jobs", "0");
        string list = (await RunAsync("list")).Text;
        Assert.Contains("guest  (requests per minute: 60, bytes: 1000, scenes: 2, jobs: any)", list);
        Assert.Contains(DateTimeOffset.UtcNow.AddDays(7).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), list);
    }

    [Fact]
    public async Task Without_keys_it_says_what_that_means() =>
        Assert.Contains("loopback only", (await RunAsync("list")).Text);

    [Theory]
    [InlineData]
    [InlineData("make")]
    [InlineData("create")]
    [InlineData("create", "a\nb")]
    [InlineData("create", "x", "--scope", "root")]
    [InlineData("create", "x", "--expires", "0")]
    [InlineData("create", "x", "--jobs", "-1")]
    [InlineData("revoke")]
    public async Task What_cannot_be_understood_touches_no_database(params string[] args)
    {
        await Assert.ThrowsAsync<UsageException>(() => RunAsync(args));
        Assert.Empty(Directory.EnumerateFiles(_data));
    }

    private async Task<string> CreateAsync(params string[] args)
    {
        (int code, string text) = await RunAsync(["create", .. args]);
        Assert.Equal(0, code);
        return text.Split(' ')[1];
    }

    private async Task<(int Code, string Text)> RunAsync(params string[] args)
    {
        var output = new StringWriter();
        int code = await KeysCommand.RunAsync(args, new SagaStorageOptions { DataDirectory = _data }, output, default);
        return (code, output.ToString());
    }
}
