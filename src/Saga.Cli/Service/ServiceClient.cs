using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Saga.Cli.Service;

/// <summary>Speaks the HTTP contract, as any outside program would.</summary>
public sealed class ServiceClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>The key for a service that asks for one: the environment's <c>SAGA_API_KEY</c>, so that it is in no list of processes.</summary>
    public static string? ApiKey { get; } =
        Environment.GetEnvironmentVariable("SAGA_API_KEY") is { Length: > 0 } key ? key : null;

    /// <summary>Prepares to speak to a service; nothing is sent yet.</summary>
    /// <param name="address">Scheme, host and port.</param>
    public ServiceClient(Uri address)
    {
        Address = address;

        // Uploads and the first prompt after training may take long on a slow disk; a hung service is noticed all the same.
        _http = new HttpClient { BaseAddress = new Uri(address, "/api/v1/"), Timeout = TimeSpan.FromMinutes(10) };
        if (ApiKey is { } key)
        {
            _http.DefaultRequestHeaders.Add("X-Api-Key", key);
        }
    }

    /// <summary>Scheme, host and port.</summary>
    public Uri Address { get; }

    /// <summary>True when the service says that it is ready.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(Address, "/health/ready"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Uploads a folder as one multipart request.</summary>
    public async Task<SceneAnswer> UploadAsync(SceneFolder folder, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent { { new StringContent(folder.Name), "name" } };
        AddFile(form, "gaussians", File.OpenRead(folder.Gaussians), Path.GetFileName(folder.Gaussians));
        if (folder.Cameras is not null)
        {
            AddFile(form, "cameras", File.OpenRead(folder.Cameras), Path.GetFileName(folder.Cameras));
        }

        if (folder.Images is not null)
        {
            AddFile(form, "images", SceneFolder.Zip(folder.Images, CompressionLevel.NoCompression), "images.zip");
        }

        if (folder.Masks is not null)
        {
            AddFile(form, "masks", SceneFolder.Zip(folder.Masks, CompressionLevel.Fastest), "masks.zip");
        }

        return await SendAsync<SceneAnswer>(HttpMethod.Post, "scenes", form, cancellationToken);
    }

    public Task<SceneAnswer> GetSceneAsync(Guid sceneId, CancellationToken cancellationToken) =>
        SendAsync<SceneAnswer>(HttpMethod.Get, $"scenes/{sceneId}", null, cancellationToken);

    public Task<ViewAnswer[]> GetViewsAsync(Guid sceneId, CancellationToken cancellationToken) =>
        SendAsync<ViewAnswer[]>(HttpMethod.Get, $"scenes/{sceneId}/views", null, cancellationToken);

    public async Task DeleteSceneAsync(Guid sceneId, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Delete, $"scenes/{sceneId}", null, cancellationToken);
    }

    public Task<JobAnswer> StartTrainingAsync(Guid sceneId, TrainingRequest training, CancellationToken cancellationToken) =>
        SendAsync<JobAnswer>(
            HttpMethod.Post, $"scenes/{sceneId}/jobs",
            JsonContent.Create(new { kind = "train", options = training }, options: JsonSerializerOptions.Web), cancellationToken);

    public Task<JobAnswer> GetJobAsync(Guid jobId, CancellationToken cancellationToken) =>
        SendAsync<JobAnswer>(HttpMethod.Get, $"jobs/{jobId}", null, cancellationToken);

    public async Task CancelJobAsync(Guid jobId, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, $"jobs/{jobId}/cancel", null, cancellationToken);
    }

    /// <summary>One positive point; the answer as a bit mask.</summary>
    /// <returns>⌈count/8⌉ bytes, and the wall-clock of the request in milliseconds.</returns>
    public async Task<(byte[] Bits, double Milliseconds)> SegmentAsync(
        Guid sceneId, int view, float x, float y, double scale, float threshold, CancellationToken cancellationToken)
    {
        var body = new { view, points = new[] { new { x, y, positive = true } }, scale, threshold };
        long start = Stopwatch.GetTimestamp();
        byte[] bits = await GetBytesAsync(
            HttpMethod.Post, $"scenes/{sceneId}/segment", JsonContent.Create(body), "application/octet-stream", cancellationToken);
        return (bits, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Takes the scene apart.</summary>
    /// <returns>Cluster of every record, 65535 for none.</returns>
    public async Task<ushort[]> DecomposeAsync(Guid sceneId, double scale, CancellationToken cancellationToken)
    {
        byte[] bytes = await GetBytesAsync(
            HttpMethod.Post, $"scenes/{sceneId}/decompose", JsonContent.Create(new { scale }), "application/octet-stream", cancellationToken);
        ushort[] labels = new ushort[bytes.Length / sizeof(ushort)];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(i * sizeof(ushort)));
        }

        return labels;
    }

    /// <summary>Keeps a bit mask on the server as a named selection and returns its id.</summary>
    public async Task<Guid> SaveSelectionAsync(Guid sceneId, string name, byte[] bits, CancellationToken cancellationToken)
    {
        JsonElement selection = await SendAsync<JsonElement>(
            HttpMethod.Post, $"scenes/{sceneId}/selections", JsonContent.Create(new { name, bitmask = bits }), cancellationToken);
        return selection.GetProperty("id").GetGuid();
    }

    /// <summary>A selection's mask in one view, as a PNG.</summary>
    public Task<byte[]> GetViewMaskAsync(Guid sceneId, int view, Guid selection, CancellationToken cancellationToken) =>
        GetBytesAsync(
            HttpMethod.Get, $"scenes/{sceneId}/views/{view}/mask?selection={selection}", null, "image/png", cancellationToken);

    public void Dispose() => _http.Dispose();

    private static void AddFile(MultipartFormDataContent form, string name, Stream stream, string fileName)
    {
        var part = new StreamContent(stream);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        form.Add(part, name, fileName);
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(method, path, content, cancellationToken);
        return await response.Content.ReadFromJsonAsync<T>(cancellationToken)
            ?? throw new ServiceException((int)response.StatusCode, "", $"{method} {path} answered null.");
    }

    private async Task<byte[]> GetBytesAsync(
        HttpMethod method, string path, HttpContent? content, string accept, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(method, path, content, cancellationToken, accept);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Accept.ParseAdd(accept);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw new ServiceException(0, "", $"{Address} does not answer: {error.Message}");
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            string text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw Problem((int)response.StatusCode, $"{method} {path}", text);
        }
    }

    private static ServiceException Problem(int status, string request, string body)
    {
        try
        {
            JsonElement problem = JsonSerializer.Deserialize<JsonElement>(body);
            string code = problem.TryGetProperty("code", out JsonElement value) ? value.GetString() ?? "" : "";
            string detail = problem.TryGetProperty("detail", out value) ? value.GetString() ?? "" : "";
            return new ServiceException(status, code, $"{request} was refused with {status} {code}: {detail}");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new ServiceException(status, "", $"{request} was refused with {status}: {body[..Math.Min(body.Length, 300)]}");
        }
    }
}
