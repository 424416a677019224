using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Saga.Api.Tests.Uploads;

/// <summary>tus as a client speaks it, one request at a time.</summary>
internal static class TusCalls
{
    public const string Root = "/api/v1/uploads";
    public const string ContentType = "application/offset+octet-stream";

    public static string Metadata(params (string Name, string Value)[] pairs) =>
        string.Join(',', pairs.Select(pair => $"{pair.Name} {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value))}"));

    /// <summary>Begins an upload and returns its address.</summary>
    public static async Task<string> BeginUploadAsync(this HttpClient client, long length, string kind = "gaussians", string? scene = null)
    {
        (string, string)[] about = [("kind", kind), ("filename", "blobs.ply"), .. scene is null ? [] : new[] { ("scene", scene) }];
        using HttpResponseMessage response = await client.TusAsync(
            HttpMethod.Post, Root, null, ("Upload-Length", Text(length)), ("Upload-Metadata", Metadata(about)));
        response.Expect(201);
        return new Uri(response.RequestMessage!.RequestUri!, response.Headers.Location!).AbsolutePath;
    }

    public static Task<HttpResponseMessage> AppendAsync(
        this HttpClient client, string upload, long offset, HttpContent body, params (string Name, string Value)[] headers) =>
        client.TusAsync(HttpMethod.Patch, upload, body, [("Upload-Offset", Text(offset)), .. headers]);

    public static Task<HttpResponseMessage> AppendAsync(
        this HttpClient client, string upload, long offset, byte[] bytes, params (string Name, string Value)[] headers) =>
        client.AppendAsync(upload, offset, new ByteArrayContent(bytes), headers);

    public static async Task<long> OffsetAsync(this HttpClient client, string upload)
    {
        using HttpResponseMessage response = (await client.TusAsync(HttpMethod.Head, upload, null)).Expect(200);
        return response.Number("Upload-Offset");
    }

    /// <summary>Waits until the service has that many bytes.</summary>
    public static async Task WaitForOffsetAsync(this HttpClient client, string upload, long atLeast)
    {
        while (await client.OffsetAsync(upload) < atLeast)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>Begins, sends everything, and returns the address.</summary>
    public static async Task<string> UploadAsync(this HttpClient client, byte[] bytes, string kind = "gaussians", string? scene = null)
    {
        string upload = await client.BeginUploadAsync(bytes.Length, kind, scene);
        (await client.AppendAsync(upload, 0, bytes)).Expect(204);
        return upload;
    }

    public static Task<HttpResponseMessage> AttachAsync(this HttpClient client, string scene, string upload) =>
        client.PostAsync($"/api/v1/scenes/{scene}/uploads/{upload.Split('/')[^1]}", null);

    public static Task<HttpResponseMessage> TusAsync(
        this HttpClient client, HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        foreach ((string name, string value) in headers.Prepend(("Tus-Resumable", "1.0.0")))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            body.Headers.ContentType ??= new MediaTypeHeaderValue(ContentType);
        }

        return client.SendAsync(request);
    }

    public static long Number(this HttpResponseMessage response, string header) =>
        long.Parse(response.Header(header), CultureInfo.InvariantCulture);

    public static string Header(this HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));

    public static async Task<string> EmptySceneAsync(this HttpClient client)
    {
        using HttpResponseMessage created = await client.PostAsync(
            "/api/v1/scenes", new StringContent("{\"name\":\"empty\"}", Encoding.UTF8, "application/json"));
        return (await created.JsonAsync(201)).GetProperty("id").GetString()!;
    }

    public static string FolderOf(string data, string upload) =>
        Path.Combine(data, "store", ".staging", "uploads", upload.Split('/')[^1].Replace("-", "", StringComparison.Ordinal));

    public static string FolderOf(this ServiceHost service, string upload) => FolderOf(service.Folder, upload);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
