using System.Net.Http.Json;
using System.Text.Json;

namespace Saga.Cli.Cluster;

/// <summary>An answer, and the node that gave it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Node">Host and port, from nginx's <c>X-Saga-Node</c>; empty where nginx itself answered.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body.</param>
public sealed record ClusterAnswer(int Status, string Node, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>This answer, if it has the status that was expected.</summary>
    /// <exception cref="CheckFailedException">Another status.</exception>
    public ClusterAnswer Require(int status, string what)
    {
        string text = System.Text.Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 300)));
        CheckFailedException.Unless(Status == status, $"{what} was answered {Status} by «{Node}» where {status} was expected: {text}");
        return this;
    }
}

/// <summary>Speaks to the service through nginx and notes which node answers.</summary>
/// <param name="address">Where nginx listens.</param>
public sealed class ClusterClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Where nginx listens.</summary>
    public Uri Address => address;

    /// <summary>Sends a request; whatever the status, it is an answer.</summary>
    public async Task<ClusterAnswer> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        Dictionary<string, string> answered = response.Headers.ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new ClusterAnswer(
            (int)response.StatusCode,
            answered.GetValueOrDefault("X-Saga-Node", ""),
            answered,
            await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>GET.</summary>
    public Task<ClusterAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>POST of JSON.</summary>
    public Task<ClusterAnswer> PostAsync(string path, object body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, JsonContent.Create(body, options: JsonSerializerOptions.Web), cancellationToken);

    /// <summary>PUT of a file.</summary>
    public Task<ClusterAnswer> PutAsync(string path, byte[] file, string fileName, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, new ByteArrayContent(file), cancellationToken, ("X-File-Name", fileName));

    /// <summary>The same click on any copy of the sample; the answer is a bit mask.</summary>
    public Task<ClusterAnswer> PromptAsync(Guid scene, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        $"/api/v1/scenes/{scene}/segment",
        JsonContent.Create(new { view = 12, points = new[] { new { x = 310.5, y = 220.0, positive = true } }, scale = 0.5 }),
        cancellationToken,
        ("Accept", "application/octet-stream"));

    /// <summary>Closes its connections.</summary>
    public void Dispose() => _http.Dispose();
}
