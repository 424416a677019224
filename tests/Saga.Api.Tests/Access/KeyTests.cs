using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Saga.Api.Tests.Uploads;
using Saga.Persistence.Access;

namespace Saga.Api.Tests.Access;

public sealed class KeyTests : IAsyncLifetime
{
    private ServiceHost _service = null!;
    private string _admin = null!;

    public async ValueTask InitializeAsync() => (_service, _admin) = await KeyedService.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("GET", "/api/v1/scenes")]
    [InlineData("POST", "/api/v1/scenes")]
    [InlineData("GET", "/api/v1/residency")]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("POST", "/api/v1/uploads")]
    [InlineData("OPTIONS", "/api/v1/uploads")]
    [InlineData("POST", "/hubs/progress/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/swagger/index.html")]
    [InlineData("GET", "/swagger/v1/swagger.json")]
    public async Task Without_a_key_nothing_is_answered(string method, string path)
    {
        using HttpResponseMessage response = await _service.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        string detail = await response.RefusedAsync(401, "key-missing");
        Assert.Contains("X-Api-Key", detail, StringComparison.Ordinal);
        Assert.Contains("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_call_that_is_documented_needs_a_key()
    {
        using HttpClient admin = _service.ClientWith(_admin);
        JsonElement document = JsonDocument.Parse(await admin.GetStringAsync("/swagger/v1/swagger.json")).RootElement;
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty method in path.Value.EnumerateObject())
            {
                string address = System.Text.RegularExpressions.Regex.Replace(
                    path.Name, "\\{(\\w+)\\}", match => match.Groups[1].Value == "index" ? "0" : Guid.NewGuid().ToString());
                using HttpResponseMessage response = await _service.Client.SendAsync(
                    new HttpRequestMessage(new HttpMethod(method.Name.ToUpperInvariant()), address));
                int status = (int)response.StatusCode;
                Assert.True(status == 401, $"{method.Name} {path.Name} answered {status} without a key");
            }
        }
    }

    [Fact]
    public async Task Health_and_the_page_stay_open()
    {
        (await _service.Client.GetAsync("/health/live")).Expect(200);
        (await _service.Client.GetAsync("/health/ready")).Expect(200);
        (await _service.Client.GetAsync("/")).Expect(200);
    }

    [Fact]
    public async Task A_key_is_taken_from_either_header_and_its_last_use_is_noted()
    {
        using HttpClient named = _service.ClientWith(_admin);
        (await named.GetAsync("/api/v1/scenes")).Expect(200);
        using HttpClient bearer = _service.ClientWith(null);
        bearer.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _admin);
        (await bearer.GetAsync("/api/v1/scenes")).Expect(200);

        ApiKeyStore store = _service.Get<ApiKeyStore>();
        await WaitAsync(async () => Assert.Single(await store.ListAsync(CancellationToken.None)).LastUsedAt is not null);
    }

    [Fact]
    public async Task An_address_carries_no_key_outside_the_hub()
    {
        using HttpResponseMessage response = await _service.Client.GetAsync($"/api/v1/scenes?access_token={_admin}");
        await response.RefusedAsync(401, "key-missing");
    }

    [Fact]
    public async Task Wrong_expired_and_revoked_keys_are_told_apart_only_to_who_holds_them()
    {
        string expired = await _service.AddKeyAsync(ApiKeyScope.Read, key => key.ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(-1));
        string revoked = await _service.AddKeyAsync(ApiKeyScope.Read);
        await _service.Get<ApiKeyStore>().RevokeAsync(KeyedService.IdOf(revoked), CancellationToken.None);

        await RefusedAsync(expired, 401, "key-expired");
        await RefusedAsync(revoked, 401, "key-revoked");
        await RefusedAsync("nonsense", 401, "key-unknown");
        await RefusedAsync(ApiKeyText.Create(), 401, "key-unknown");
        foreach (string key in new[] { expired, revoked, _admin })
        {
            await RefusedAsync(key[..18] + ApiKeyText.Create()[18..], 401, "key-unknown");
        }
    }

    [Fact]
    public async Task A_scope_includes_the_smaller_ones_and_not_the_larger()
    {
        using HttpClient read = _service.ClientWith(await _service.AddKeyAsync(ApiKeyScope.Read));
        using HttpClient write = _service.ClientWith(await _service.AddKeyAsync(ApiKeyScope.Write));
        string scene = await write.EmptySceneAsync();

        (await read.GetAsync($"/api/v1/scenes/{scene}")).Expect(200);
        foreach (string prompt in new[] { "segment", "segment/candidates", "similarity", "decompose", "decompose/tree", "text" })
        {
            // Past the door: refused for what the request lacks.
            using HttpResponseMessage answer = await read.PostAsync(
                $"/api/v1/scenes/{scene}/{prompt}", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"));
            Assert.True((int)answer.StatusCode is 409 or 422, $"{prompt} answered {(int)answer.StatusCode}");
        }

        string detail = await (await read.DeleteAsync($"/api/v1/scenes/{scene}")).RefusedAsync(403, "scope-too-small");
        Assert.Contains("read", detail, StringComparison.Ordinal);
        Assert.Contains("--scope write", detail, StringComparison.Ordinal);
        await (await read.PostAsync($"/api/v1/scenes/{scene}/jobs", null)).RefusedAsync(403, "scope-too-small");
        await (await read.PostAsync($"/api/v1/scenes/{scene}/selections", null)).RefusedAsync(403, "scope-too-small");
        (await write.DeleteAsync($"/api/v1/scenes/{scene}")).Expect(204);
    }

    [Fact]
    public async Task A_key_revoked_while_the_service_runs_is_refused_within_seconds()
    {
        string key = await _service.AddKeyAsync(ApiKeyScope.Read);
        using HttpClient client = _service.ClientWith(key);
        await WaitAsync(async () => (await client.GetAsync("/api/v1/scenes")).IsSuccessStatusCode);

        await _service.Get<ApiKeyStore>().RevokeAsync(KeyedService.IdOf(key), CancellationToken.None);
        await WaitAsync(async () => !(await client.GetAsync("/api/v1/scenes")).IsSuccessStatusCode);

        await RefusedAsync(key, 401, "key-revoked");
    }

    [Fact]
    public async Task Revoking_the_last_key_does_not_open_the_service()
    {
        await _service.Get<ApiKeyStore>().RevokeAsync(KeyedService.IdOf(_admin), CancellationToken.None);
        using HttpClient client = _service.ClientWith(_admin);
        await WaitAsync(async () => !(await client.GetAsync("/api/v1/scenes")).IsSuccessStatusCode);
        await (await _service.Client.GetAsync("/api/v1/scenes")).RefusedAsync(401, "key-missing");
    }

    [Fact]
    public async Task The_hub_takes_a_key_in_the_header_or_the_address_and_none_is_refused()
    {
        foreach (HubConnection refused in new[] { Hub(null), Hub(ApiKeyText.Create()) })
        {
            await using (refused)
            {
                HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => refused.StartAsync());
                Assert.Equal(System.Net.HttpStatusCode.Unauthorized, error.StatusCode);
            }
        }

        // As browsers do it: a web socket at once, the key in its address.
        await using HubConnection socket = new HubConnectionBuilder().WithUrl(
            $"{_service.Address}/hubs/progress?access_token={_admin}",
            options => (options.SkipNegotiation, options.Transports) = (true, HttpTransportType.WebSockets)).Build();
        await socket.StartAsync();
        await using HubConnection header = Hub(_admin);
        await header.StartAsync();
        await header.InvokeAsync("Unwatch", Guid.NewGuid());
    }

    [Fact]
    public async Task An_open_hub_connection_ends_when_its_key_is_revoked()
    {
        string key = await _service.AddKeyAsync(ApiKeyScope.Read);
        await using HubConnection hub = Hub(key);
        var closed = new TaskCompletionSource();
        hub.Closed += _ =>
        {
            closed.SetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync();
        await _service.Get<ApiKeyStore>().RevokeAsync(KeyedService.IdOf(key), CancellationToken.None);
        await closed.Task.WaitAsync(KeyedService.Notice);
    }

    [Fact]
    public async Task Resumable_uploads_go_with_a_key_and_not_without()
    {
        using HttpClient write = _service.ClientWith(await _service.AddKeyAsync(ApiKeyScope.Write));
        string scene = await write.EmptySceneAsync();
        string upload = await write.BeginUploadAsync(TwoBlobs.Ply.Length);
        await (await _service.Client.AppendAsync(upload, 0, TwoBlobs.Ply)).RefusedAsync(401, "key-missing");
        (await write.AppendAsync(upload, 0, TwoBlobs.Ply)).Expect(204);
        await (await _service.Client.AttachAsync(scene, upload)).RefusedAsync(401, "key-missing");
        (await write.AttachAsync(scene, upload)).Expect(204);
    }

    private HubConnection Hub(string? key) => new HubConnectionBuilder()
        .WithUrl($"{_service.Address}/hubs/progress", options => options.AccessTokenProvider = () => Task.FromResult(key)).Build();

    private async Task RefusedAsync(string key, int status, string code)
    {
        using HttpClient client = _service.ClientWith(key);
        using HttpResponseMessage response = await client.GetAsync("/api/v1/scenes");
        string detail = await response.RefusedAsync(status, code);
        Assert.DoesNotContain(key, detail, StringComparison.Ordinal);
    }

    private static async Task WaitAsync(Func<Task<bool>> isSo)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < KeyedService.Notice, $"It was not so within {KeyedService.Notice}.");
            await Task.Delay(50);
        }
    }
}
