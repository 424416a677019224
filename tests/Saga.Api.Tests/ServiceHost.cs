using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Saga.Persistence;

namespace Saga.Api.Tests;

/// <summary>The whole service in this process: Kestrel on a free loopback port, a data folder of its own.</summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _ownsFolder;

    private ServiceHost(WebApplication app, string folder, bool ownsFolder)
    {
        _app = app;
        _ownsFolder = ownsFolder;
        Folder = folder;
        Address = app.Urls.Single();
        Client = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromSeconds(100) };
    }

    public string Folder { get; }

    public string Address { get; }

    public HttpClient Client { get; }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <param name="settings">Further configuration, e.g. <c>Saga:Worker:Enabled=true</c>; workers are off unless asked for.</param>
    public static Task<ServiceHost> StartAsync(params string[] settings) =>
        StartInAsync(Path.Combine(Path.GetTempPath(), $"saga-api-{Guid.NewGuid():N}"), true, settings);

    public static async Task<ServiceHost> StartInAsync(string folder, bool ownsFolder, params string[] settings)
    {
        WebApplication app = Program.Build(
        [
            "--urls=http://127.0.0.1:0",
            $"--Saga:DataDirectory={folder}",
            "--Saga:Worker:Enabled=false",
            "--Logging:LogLevel:Default=Error",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Error",
            .. settings.Select(setting => $"--{setting}"),
        ]);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            // What has begun would go on in the background, in a folder that the test wants to delete.
            await app.StopAsync();
            await app.DisposeAsync();
            throw;
        }

        return new ServiceHost(app, folder, ownsFolder);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsFolder)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(Folder, true);
        }
    }

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(path);
        return await response.JsonAsync(200);
    }

    public Task<HttpResponseMessage> PostAsync(string path, object body) => Client.PostAsJsonAsync(path, body);

    /// <summary>Sends JSON exactly as written.</summary>
    public Task<HttpResponseMessage> PostTextAsync(string path, string json) =>
        Client.PostAsync(path, new StringContent(json, System.Text.Encoding.UTF8, "application/json"));

    public Task<HttpResponseMessage> PutAsync(string path, byte[] body, string? fileName = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = content };
        if (fileName is not null)
        {
            request.Headers.Add("X-File-Name", fileName);
        }

        return Client.SendAsync(request);
    }

    public async Task<string> CreateSceneAsync(params (string Part, byte[] Bytes, string FileName)[] files)
    {
        // A server of another process takes its time to be migrated.
        await Get<SagaDatabase>().Ready.WaitAsync(TimeSpan.FromSeconds(60));
        using HttpResponseMessage response = await PostFormAsync("test scene", files);
        return (await response.JsonAsync(201)).GetProperty("id").GetString()!;
    }

    public Task<HttpResponseMessage> PostFormAsync(string? name, params (string Part, byte[] Bytes, string FileName)[] files)
    {
        var form = new MultipartFormDataContent();
        if (name is not null)
        {
            form.Add(new StringContent(name), "name");
        }

        foreach ((string part, byte[] bytes, string fileName) in files)
        {
            form.Add(new ByteArrayContent(bytes), part, fileName);
        }

        return Client.PostAsync("/api/v1/scenes", form);
    }

    /// <summary>A scene with everything, and a model.</summary>
    public async Task<string> CreateReadySceneAsync()
    {
        string id = await CreateSceneAsync(TwoBlobs.AllFiles);
        (await PutAsync($"/api/v1/scenes/{id}/model", TwoBlobs.Model)).Expect(204);
        return id;
    }
}

internal static class Responses
{
    public static HttpResponseMessage Expect(this HttpResponseMessage response, int status)
    {
        Assert.True(
            (int)response.StatusCode == status,
            $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri} answered {(int)response.StatusCode} instead of {status}: "
            + response.Content.ReadAsStringAsync().Result);
        return response;
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response, int status)
    {
        response.Expect(status);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>Checks that the answer is problem details with this code, and returns its detail.</summary>
    public static async Task<string> RefusedAsync(this HttpResponseMessage response, int status, string code)
    {
        JsonElement problem = await response.JsonAsync(status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("title").GetString()));
        string detail = problem.GetProperty("detail").GetString()!;
        Assert.DoesNotContain("Exception", detail, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), detail, StringComparison.Ordinal);
        return detail;
    }
}
