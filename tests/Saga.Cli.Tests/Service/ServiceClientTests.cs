using System.Net;
using System.Text;
using Saga.Cli.Service;

namespace Saga.Cli.Tests.Service;

/// <summary>Against a listener that records one request and gives one canned answer.</summary>
public sealed class ServiceClientTests : IDisposable
{
    private static readonly Guid Scene = Guid.Parse("01890000-0000-7000-8000-000000000001");

    private readonly HttpListener _listener = new();
    private readonly ServiceClient _client;

    public ServiceClientTests()
    {
        var address = new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}/");
        _listener.Prefixes.Add(address.ToString());
        _listener.Start();
        _client = new ServiceClient(address);
    }

    public void Dispose()
    {
        _client.Dispose();
        _listener.Close();
    }

    [Fact]
    public async Task A_click_is_sent_as_the_contract_says_and_answered_by_bits()
    {
        Task<(string Request, string Body)> served = ServeAsync(200, "application/octet-stream", [1, 2, 3]);

        (byte[] bits, double milliseconds) = await _client.SegmentAsync(Scene, 12, 310.5f, 220.5f, 0.3, 0.75f, default);

        Assert.Equal<byte>([1, 2, 3], bits);
        Assert.True(milliseconds > 0);
        (string request, string body) = await served;
        Assert.Equal($"POST /api/v1/scenes/{Scene}/segment application/octet-stream", request);
        Assert.Equal("""{"view":12,"points":[{"x":310.5,"y":220.5,"positive":true}],"scale":0.3,"threshold":0.75}""", body);
    }

    [Fact]
    public async Task A_refusal_keeps_its_status_code_and_words()
    {
        Task served = ServeAsync(
            422, "application/problem+json",
            """{"title":"…","status":422,"code":"point-on-background","detail":"The point shows nothing."}"""u8.ToArray());

        var error = await Assert.ThrowsAsync<ServiceException>(() => _client.SegmentAsync(Scene, 0, 1, 1, 0, 0.75f, default));

        await served;
        Assert.Equal((422, "point-on-background"), (error.Status, error.Code));
        Assert.Contains("The point shows nothing.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>bad gateway</html>")]
    [InlineData("[1]")]
    [InlineData("")]
    public async Task A_refusal_that_is_no_problem_document_is_still_a_clear_error(string body)
    {
        Task served = ServeAsync(502, "text/html", Encoding.UTF8.GetBytes(body));

        var error = await Assert.ThrowsAsync<ServiceException>(() => _client.GetSceneAsync(Scene, default));

        await served;
        Assert.Equal((502, ""), (error.Status, error.Code));
        Assert.Contains("502", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_named()
    {
        _listener.Close();

        var error = await Assert.ThrowsAsync<ServiceException>(() => _client.GetSceneAsync(Scene, default));

        Assert.Contains(_client.Address.ToString(), error.Message, StringComparison.Ordinal);
        Assert.False(await _client.IsReadyAsync(default));
    }

    [Fact]
    public async Task The_scene_is_uploaded_with_all_that_its_folder_holds()
    {
        Task<(string Request, string Body)> served = ServeAsync(
            201, "application/json",
            Encoding.UTF8.GetBytes($$"""{"id":"{{Scene}}","name":"tiny","state":"uploaded","gaussianCount":3,"viewCount":1,"maskCount":2,"model":null}"""));
        string folder = Directory.CreateTempSubdirectory("saga-upload-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "gaussians.ply"), "PLY BYTES");
            File.WriteAllText(Path.Combine(folder, "cameras.json"), "CAMERA BYTES");
            Directory.CreateDirectory(Path.Combine(folder, "masks"));
            File.WriteAllText(Path.Combine(folder, "masks", "view_000.json"), "[]");

            SceneAnswer scene = await _client.UploadAsync(SceneFolder.Open(folder), default);

            Assert.Equal((Scene, 3, 2), (scene.Id, scene.GaussianCount, scene.MaskCount));
            (string request, string body) = await served;
            Assert.StartsWith("POST /api/v1/scenes ", request, StringComparison.Ordinal);
            foreach (string expected in (string[])["name=name", "name=gaussians", "gaussians.ply", "PLY BYTES", "CAMERA BYTES", "name=masks", "view_000.json"])
            {
                Assert.Contains(expected, body, StringComparison.Ordinal);
            }

            Assert.DoesNotContain("name=images", body, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_without_gaussians_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory("saga-empty-").FullName;
        try
        {
            Assert.Throws<InvalidDataException>(() => SceneFolder.Open(folder));
            Assert.Throws<InvalidDataException>(() => SceneFolder.Open(Path.Combine(folder, "nowhere")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<(string Request, string Body)> ServeAsync(int status, string type, byte[] answer)
    {
        HttpListenerContext context = await _listener.GetContextAsync();
        using var reader = new StreamReader(context.Request.InputStream, Encoding.Latin1);
        string body = await reader.ReadToEndAsync();
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.OutputStream.WriteAsync(answer);
        context.Response.Close();
        return ($"{context.Request.HttpMethod} {context.Request.RawUrl} {context.Request.Headers["Accept"]}", body);
    }
}
