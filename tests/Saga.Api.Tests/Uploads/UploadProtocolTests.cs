using System.Security.Cryptography;
using System.Text;

namespace Saga.Api.Tests.Uploads;

/// <summary>tus 1.0.0, status by status.</summary>
public sealed class UploadProtocolTests : IAsyncLifetime
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)(7 * i))];

    private ServiceHost _service = null!;

    private HttpClient Client => _service.Client;

    public async ValueTask InitializeAsync() => _service = await ServiceHost.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Options_announce_what_is_spoken()
    {
        using HttpResponseMessage response = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, TusCalls.Root));
        response.Expect(204);
        Assert.Equal("1.0.0", response.Header("Tus-Resumable"));
        Assert.Equal("1.0.0", response.Header("Tus-Version"));
        Assert.Equal("creation,creation-with-upload,checksum,termination,expiration", response.Header("Tus-Extension"));
        Assert.Equal("sha1,sha256", response.Header("Tus-Checksum-Algorithm"));
        Assert.Equal(32L << 30, response.Number("Tus-Max-Size"));
    }

    [Fact]
    public async Task A_file_in_two_requests()
    {
        string metadata = TusCalls.Metadata(("kind", "gaussians"), ("filename", "blobs.ply"));
        using HttpResponseMessage created = await Client.TusAsync(
            HttpMethod.Post, TusCalls.Root, null, ("Upload-Length", "1000"), ("Upload-Metadata", metadata));
        created.Expect(201);
        Assert.Equal("1.0.0", created.Header("Tus-Resumable"));
        Assert.True(DateTimeOffset.Parse(created.Header("Upload-Expires"), null) > DateTimeOffset.UtcNow.AddHours(23));
        string upload = new Uri(created.RequestMessage!.RequestUri!, created.Headers.Location!).AbsolutePath;
        Assert.StartsWith(TusCalls.Root + "/", upload, StringComparison.Ordinal);
        Assert.Equal(0, await Client.OffsetAsync(upload));

        using HttpResponseMessage first = (await Client.AppendAsync(upload, 0, Bytes[..400])).Expect(204);
        Assert.Equal(400, first.Number("Upload-Offset"));
        using HttpResponseMessage head = (await Client.TusAsync(HttpMethod.Head, upload, null)).Expect(200);
        Assert.Equal(400, head.Number("Upload-Offset"));
        Assert.Equal(1000, head.Number("Upload-Length"));
        Assert.Equal(metadata, head.Header("Upload-Metadata"));
        Assert.Equal("no-store", head.Headers.CacheControl?.ToString());
        using HttpResponseMessage second = (await Client.AppendAsync(upload, 400, Bytes[400..])).Expect(204);
        Assert.Equal(1000, second.Number("Upload-Offset"));
        Assert.Equal(Bytes, await File.ReadAllBytesAsync(Path.Combine(_service.FolderOf(upload), "bytes")));
    }

    [Fact]
    public async Task The_first_bytes_may_come_with_the_creation()
    {
        using HttpResponseMessage created = await Client.TusAsync(
            HttpMethod.Post, TusCalls.Root + "/", new ByteArrayContent(Bytes[..10]),
            ("Upload-Length", "1000"), ("Upload-Metadata", TusCalls.Metadata(("kind", "masks"))));
        created.Expect(201);
        Assert.Equal(10, created.Number("Upload-Offset"));
        string upload = new Uri(created.RequestMessage!.RequestUri!, created.Headers.Location!).AbsolutePath;
        Assert.Equal(10, await Client.OffsetAsync(upload));
    }

    [Fact]
    public async Task First_bytes_that_are_refused_leave_no_upload_that_nobody_knows_of()
    {
        (string, string)[] headers =
        [
            ("Upload-Length", "5"), ("Upload-Metadata", TusCalls.Metadata(("kind", "masks"))),
        ];
        await (await Client.TusAsync(HttpMethod.Post, TusCalls.Root, new ByteArrayContent(Bytes), headers)).RefusedAsync(413, "too-large");
        await (await Client.TusAsync(
                HttpMethod.Post,
                TusCalls.Root,
                new ByteArrayContent(Bytes[..5]),
                [.. headers, ("Upload-Checksum", Checksum("sha1", Bytes))]))
            .RefusedAsync(460, "checksum-mismatch");
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_service.Folder, "store", ".staging", "uploads")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0.2.2")]
    [InlineData("1.0.0,1.0.0")]
    public async Task Another_version_is_told_which_one_is_spoken(string? version)
    {
        string upload = await Client.BeginUploadAsync(10);
        (HttpMethod, string)[] requests = [(HttpMethod.Post, TusCalls.Root), (HttpMethod.Patch, upload), (HttpMethod.Delete, upload)];
        foreach ((HttpMethod method, string path) in requests)
        {
            var request = new HttpRequestMessage(method, path);
            if (version is not null)
            {
                request.Headers.Add("Tus-Resumable", version);
            }

            using HttpResponseMessage response = await Client.SendAsync(request);
            await response.RefusedAsync(412, "unsupported-version");
            Assert.Equal("1.0.0", response.Header("Tus-Version"));
            Assert.Equal("1.0.0", response.Header("Tus-Resumable"));
        }

        Assert.Equal(0, await Client.OffsetAsync(upload));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(399)]
    [InlineData(401)]
    [InlineData(1000)]
    [InlineData(long.MaxValue)]
    public async Task Bytes_for_another_offset_are_refused_and_change_nothing(long offset)
    {
        string upload = await Client.BeginUploadAsync(1000);
        (await Client.AppendAsync(upload, 0, Bytes[..400])).Expect(204);
        string detail = await (await Client.AppendAsync(upload, offset, Bytes[..1])).RefusedAsync(409, "offset-mismatch");
        Assert.Contains("400 bytes", detail, StringComparison.Ordinal);
        Assert.Equal(400, await Client.OffsetAsync(upload));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("-1")]
    [InlineData("+0")]
    [InlineData("0x0")]
    [InlineData("99999999999999999999")]
    [InlineData("zero")]
    public async Task An_offset_or_length_that_is_no_number_is_refused(string? text)
    {
        string upload = await Client.BeginUploadAsync(1000);
        (string, string)[] offset = text is null ? [] : [("Upload-Offset", text)];
        await (await Client.TusAsync(HttpMethod.Patch, upload, new ByteArrayContent([1]), offset)).RefusedAsync(400, "invalid-request");
        (string, string)[] length = text is null ? [] : [("Upload-Length", text)];
        await (await Client.TusAsync(
            HttpMethod.Post, TusCalls.Root, null, [("Upload-Metadata", TusCalls.Metadata(("kind", "masks"))), .. length]))
            .RefusedAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_length_that_is_not_known_yet_is_not_offered() =>
        Assert.Contains("Upload-Length", await (await Client.TusAsync(
            HttpMethod.Post, TusCalls.Root, null, ("Upload-Defer-Length", "1"), ("Upload-Metadata", TusCalls.Metadata(("kind", "masks")))))
            .RefusedAsync(400, "invalid-request"), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("kind")]
    [InlineData("kind bm9uc2Vuc2U=")]                    // nonsense
    [InlineData("kind bWFza3M=,kind bWFza3M=")]          // twice
    [InlineData("kind bWFza3M= x")]
    [InlineData("kind !!!")]
    [InlineData("kind bWFza3M=,scene bm8=")]             // a scene that is no UUID
    public async Task Metadata_that_cannot_be_read_are_refused(string metadata) =>
        Assert.Contains("Upload-Metadata", await (await Client.TusAsync(
            HttpMethod.Post, TusCalls.Root, null, ("Upload-Length", "1"), ("Upload-Metadata", metadata)))
            .RefusedAsync(400, "invalid-request"), StringComparison.Ordinal);

    [Fact]
    public async Task Bytes_of_another_content_type_are_refused()
    {
        string upload = await Client.BeginUploadAsync(10);
        await (await Client.AppendAsync(upload, 0, new StringContent("0123456789"))).RefusedAsync(415, "unsupported-media-type");
        Assert.Equal(0, await Client.OffsetAsync(upload));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task More_bytes_than_announced_are_refused_and_dropped(bool isLengthKnown)
    {
        string upload = await Client.BeginUploadAsync(500);
        (await Client.AppendAsync(upload, 0, Bytes[..100])).Expect(204);
        var stuck = new StuckContent(Bytes[100..300], Bytes[300..]);
        stuck.Release();
        using HttpContent body = isLengthKnown ? new ByteArrayContent(Bytes[100..]) : stuck;
        await (await Client.AppendAsync(upload, 100, body)).RefusedAsync(413, "too-large");
        Assert.Equal(100, await Client.OffsetAsync(upload));
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    public async Task A_checksum_decides_whether_bytes_are_kept(string algorithm)
    {
        string upload = await Client.BeginUploadAsync(1000);
        (await Client.AppendAsync(upload, 0, Bytes[..400], ("Upload-Checksum", Checksum(algorithm, Bytes[..400])))).Expect(204);
        byte[] damaged = [.. Bytes[400..]];
        damaged[17] ^= 1;
        (string, string) promised = ("Upload-Checksum", Checksum(algorithm, Bytes[400..]));
        using HttpResponseMessage refused = await Client.AppendAsync(upload, 400, damaged, promised);
        await refused.RefusedAsync(460, "checksum-mismatch");
        Assert.Equal("1.0.0", refused.Header("Tus-Resumable"));
        Assert.Equal(400, await Client.OffsetAsync(upload));
        (await Client.AppendAsync(upload, 400, Bytes[400..], promised)).Expect(204);
        Assert.Equal(Bytes, await File.ReadAllBytesAsync(Path.Combine(_service.FolderOf(upload), "bytes")));
    }

    [Theory]
    [InlineData("md5 1B2M2Y8AsgTpgAmY7PhCfg==")]
    [InlineData("sha1")]
    [InlineData("sha1 AAAA")]
    [InlineData("sha256 !")]
    public async Task A_checksum_that_cannot_be_checked_is_refused(string checksum)
    {
        string upload = await Client.BeginUploadAsync(10);
        Assert.Contains("sha256", await (await Client.AppendAsync(upload, 0, Bytes[..10], ("Upload-Checksum", checksum)))
            .RefusedAsync(400, "invalid-request"), StringComparison.Ordinal);
        Assert.Equal(0, await Client.OffsetAsync(upload));
    }

    [Fact]
    public async Task An_upload_that_is_given_up_is_gone_with_its_bytes()
    {
        string upload = await Client.BeginUploadAsync(1000);
        (await Client.AppendAsync(upload, 0, Bytes[..400])).Expect(204);
        (await Client.TusAsync(HttpMethod.Delete, upload, null)).Expect(204);
        Assert.False(Directory.Exists(_service.FolderOf(upload)));
        (await Client.TusAsync(HttpMethod.Head, upload, null)).Expect(404);
        await (await Client.AppendAsync(upload, 400, Bytes[400..])).RefusedAsync(404, "upload-not-found");
        await (await Client.TusAsync(HttpMethod.Delete, upload, null)).RefusedAsync(404, "upload-not-found");
    }

    [Fact]
    public async Task While_one_client_sends_another_is_told_to_wait_and_both_see_what_has_arrived()
    {
        string upload = await Client.BeginUploadAsync(1000);
        byte[] large = new byte[1 << 20];
        string big = await Client.BeginUploadAsync(large.Length + 1000);
        using var slow = new StuckContent(large, Bytes);
        Task<HttpResponseMessage> first = Client.AppendAsync(big, 0, slow);
        await Client.WaitForOffsetAsync(big, 1 << 18);
        await (await Client.AppendAsync(big, 0, Bytes)).RefusedAsync(423, "upload-locked");
        await (await Client.TusAsync(HttpMethod.Delete, big, null)).RefusedAsync(423, "upload-locked");

        // Another upload is nobody's business.
        (await Client.AppendAsync(upload, 0, Bytes)).Expect(204);
        slow.Release();
        Assert.Equal(large.Length + 1000, (await first).Expect(204).Number("Upload-Offset"));
        byte[] expected = [.. large, .. Bytes];
        Assert.Equal(expected, await File.ReadAllBytesAsync(Path.Combine(_service.FolderOf(big), "bytes")));
    }

    [Fact]
    public async Task Two_clients_that_race_for_an_upload_never_mix_their_bytes()
    {
        string upload = await Client.BeginUploadAsync(32 * 1000);
        await Parallel.ForAsync(0, 4, async (_, token) =>
        {
            for (long offset; (offset = await Client.OffsetAsync(upload)) < 32 * 1000;)
            {
                using HttpResponseMessage response = await Client.AppendAsync(upload, offset, Bytes);
                Assert.Contains((int)response.StatusCode, (int[])[204, 409, 413, 423]);
            }
        });
        byte[] expected = [.. Enumerable.Repeat(Bytes, 32).SelectMany(bytes => bytes)];
        Assert.Equal(expected, await File.ReadAllBytesAsync(Path.Combine(_service.FolderOf(upload), "bytes")));
    }

    [Fact]
    public async Task A_proxy_that_knows_only_post_gets_the_method_through_in_a_header()
    {
        string upload = await Client.BeginUploadAsync(10);
        using HttpResponseMessage response = await Client.TusAsync(
            HttpMethod.Post, upload, new ByteArrayContent(Bytes[..10]), ("Upload-Offset", "0"), ("X-HTTP-Method-Override", "PATCH"));
        Assert.Equal(10, response.Expect(204).Number("Upload-Offset"));

        // Only here: elsewhere a POST is a POST.
        using HttpResponseMessage scene = await Client.TusAsync(
            HttpMethod.Post,
            "/api/v1/scenes",
            new StringContent("{\"name\":\"x\"}", Encoding.UTF8, "application/json"),
            ("X-HTTP-Method-Override", "DELETE"));
        scene.Expect(201);
    }

    private static string Checksum(string algorithm, byte[] bytes)
    {
        byte[] hash = CryptographicOperations.HashData(new HashAlgorithmName(algorithm.ToUpperInvariant()), bytes);
        return $"{algorithm} {Convert.ToBase64String(hash)}";
    }
}
