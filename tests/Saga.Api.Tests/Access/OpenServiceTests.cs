using System.Net;
using Microsoft.Data.Sqlite;
using Saga.Api.Hosting;
using Saga.Persistence.Access;

namespace Saga.Api.Tests.Access;

/// <summary>Without keys: this machine and nobody else. With one: whoever holds it.</summary>
public sealed class OpenServiceTests
{
    [Theory]
    [InlineData("urls=http://0.0.0.0:0")]
    [InlineData("urls=http://127.0.0.1:0;http://*:0")]
    [InlineData("Kestrel:Endpoints:Public:Url=http://0.0.0.0:0")]
    public async Task Without_keys_it_does_not_start_where_strangers_reach_it(string setting)
    {
        string folder = NewFolder();
        StartupException refused = await Assert.ThrowsAsync<StartupException>(() => ServiceHost.StartInAsync(folder, false, setting));
        Assert.Contains("without API keys", refused.Message, StringComparison.Ordinal);
        Assert.Contains("./run keys create", refused.Message, StringComparison.Ordinal);
        Delete(folder);
    }

    [Fact]
    public async Task A_key_that_is_revoked_or_expired_is_none_for_the_start()
    {
        string folder = NewFolder();
        await using (ServiceHost local = await ServiceHost.StartInAsync(folder, false))
        {
            string revoked = await local.AddKeyAsync(ApiKeyScope.Admin);
            await local.Get<ApiKeyStore>().RevokeAsync(KeyedService.IdOf(revoked), CancellationToken.None);
            await local.AddKeyAsync(ApiKeyScope.Admin, key => key.ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(-1));
        }

        await Assert.ThrowsAsync<StartupException>(() => ServiceHost.StartInAsync(folder, false, "urls=http://0.0.0.0:0"));
        Delete(folder);
    }

    [Fact]
    public async Task With_a_key_it_listens_anywhere_and_asks_for_it()
    {
        string folder = NewFolder();
        string key;
        await using (ServiceHost local = await ServiceHost.StartInAsync(folder, false))
        {
            key = await local.AddKeyAsync(ApiKeyScope.Read);
        }

        await using (ServiceHost open = await ServiceHost.StartInAsync(folder, false, "urls=http://0.0.0.0:0"))
        {
            string here = open.Address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
            using var client = new HttpClient { BaseAddress = new Uri(here) };
            await (await client.GetAsync("/api/v1/scenes")).RefusedAsync(401, "key-missing");
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
            (await client.GetAsync("/api/v1/scenes")).Expect(200);
        }

        Delete(folder);
    }

    [Fact]
    public async Task The_first_key_closes_a_running_service_within_seconds()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        (await service.Client.GetAsync("/api/v1/scenes")).Expect(200);
        await service.AddKeyAsync(ApiKeyScope.Admin);
        await Task.Delay(KeyedService.Notice);
        await (await service.Client.GetAsync("/api/v1/scenes")).RefusedAsync(401, "key-missing");
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("localhost:1234", 200)]
    [InlineData("[::1]:5080", 200)]
    [InlineData("rebound.example.org", 403)]
    [InlineData("localhost.example.org", 403)]
    [InlineData("10.0.0.1", 403)]
    public async Task Without_keys_only_this_machine_s_names_are_answered(string host, int status)
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/scenes") { Headers = { Host = host } };
        using HttpResponseMessage response = await service.Client.SendAsync(request);
        if (status == 200)
        {
            response.Expect(200);
        }
        else
        {
            await response.RefusedAsync(403, "foreign-host");
        }
    }

    [Fact]
    public async Task Without_keys_pages_of_other_sites_can_change_nothing()
    {
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Access:AllowedOrigins:0=https://friend.example");
        await (await FromAsync("https://evil.example")).RefusedAsync(403, "foreign-origin");
        await (await FromAsync("null")).RefusedAsync(403, "foreign-origin");
        (await FromAsync("https://friend.example")).Expect(201);
        (await FromAsync(service.Address)).Expect(201);

        Task<HttpResponseMessage> FromAsync(string origin)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/scenes")
            {
                Content = new StringContent("{\"name\":\"x\"}", System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("Origin", origin);
            return service.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_key_sent_where_none_is_needed_does_no_harm()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        using HttpClient client = service.ClientWith(ApiKeyText.Create());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/scenes")).StatusCode);
    }

    private static string NewFolder() => Path.Combine(Path.GetTempPath(), $"saga-open-{Guid.NewGuid():N}");

    private static void Delete(string folder)
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, true);
    }
}
