using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Saga.Cli.Service;

namespace Saga.Cli.Cluster.Checks;

/// <summary>kill -9 of the node that a resumable upload is travelling to; the upload goes on at another where it broke off.</summary>
internal static class UploadCheck
{
    private static readonly (string Name, string Value) Version = ("Tus-Resumable", "1.0.0");

    /// <summary>Longer than nginx passes a node over that did not answer (fail_timeout).</summary>
    private static readonly TimeSpan PassedOver = TimeSpan.FromSeconds(2);

    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        ClusterClient client = context.Client;
        byte[] file = await File.ReadAllBytesAsync(Repository.PathOf("samples", "playroom", "gaussians.ply"), cancellationToken);
        string path = await CreateAsync(client, file.Length, cancellationToken);
        await SettleAsync(client, path, cancellationToken);

        // Half of it, and then the line hangs until the node is dead.
        var dead = new TaskCompletionSource();
        Task<ClusterAnswer> broken = client.SendAsync(
            HttpMethod.Patch, path, new HangingContent(file, file.Length / 2, dead.Task), cancellationToken,
            Version, ("Upload-Offset", "0"));
        ClusterAnswer half = await OffsetAsync(client, path, cancellationToken);
        await CheckContext.UntilAsync(
            async () => Offset(half = await OffsetAsync(client, path, cancellationToken)) > 0, "bytes have arrived", cancellationToken);
        ClusterProcess node = context.Cluster.NodeAt(half.Node);
        await node.KillAsync();
        dead.SetResult();
        await BrokenAsync(broken);

        ClusterAnswer kept = await OffsetAsync(client, path, cancellationToken);
        long offset = Offset(kept);
        CheckFailedException.Unless(offset > 0 && offset < file.Length, $"{offset} of {file.Length} bytes are there after the kill.");
        CheckFailedException.Unless(kept.Node != half.Node, $"The killed node {half.Node} answered.");
        ClusterAnswer rest = kept;
        await CheckContext.UntilAsync(
            async () => (rest = await SendRestAsync(client, path, file, (int)offset, cancellationToken)).Status != 423,
            "the upload is free again",
            cancellationToken);
        rest.Require(204, "The rest of the upload");

        Guid scene = (await client.PostAsync("/api/v1/scenes", new { name = "resumed" }, cancellationToken)).Require(201, "A new scene")
            .Json.GetProperty("id").GetGuid();
        string upload = path[(path.LastIndexOf('/') + 1)..];
        (await client.SendAsync(HttpMethod.Post, $"/api/v1/scenes/{scene}/uploads/{upload}", null, cancellationToken))
            .Require(204, "Giving the upload to a scene");
        int count = (await client.GetAsync($"/api/v1/scenes/{scene}", cancellationToken)).Json.GetProperty("gaussianCount").GetInt32();
        CheckFailedException.Unless(count > 0, "The scene has no Gaussians.");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"it went on from byte {offset} of {file.Length} at {context.Cluster.NodeAt(kept.Node).Name}; {count} Gaussians");
    }

    private static async Task<string> CreateAsync(ClusterClient client, int length, CancellationToken cancellationToken)
    {
        string kind = Convert.ToBase64String(Encoding.ASCII.GetBytes("gaussians"));
        string name = Convert.ToBase64String(Encoding.ASCII.GetBytes("gaussians.ply"));
        ClusterAnswer created = await client.SendAsync(
            HttpMethod.Post, "/api/v1/uploads", null, cancellationToken,
            Version, ("Upload-Length", length.ToString(CultureInfo.InvariantCulture)), ("Upload-Metadata", $"kind {kind},filename {name}"));
        string location = created.Require(201, "A new upload").Headers["Location"];
        return new Uri(new Uri(client.Address, "/api/v1/uploads"), location).AbsolutePath;
    }

    /// <summary>
    /// Waits until nginx sends requests about the upload to one node only. A check before this one may have killed that node; while
    /// nginx passes it over, bytes would travel to another node than the one that is asked for their number, and killed here.
    /// </summary>
    private static async Task SettleAsync(ClusterClient client, string path, CancellationToken cancellationToken)
    {
        string? node = null;
        long since = 0;
        await CheckContext.UntilAsync(
            async () =>
            {
                string answered = (await OffsetAsync(client, path, cancellationToken)).Node;
                if (answered != node)
                {
                    (node, since) = (answered, Stopwatch.GetTimestamp());
                }

                return Stopwatch.GetElapsedTime(since) > PassedOver;
            },
            "one node answers for the upload",
            cancellationToken);
    }

    /// <summary>Sends what is missing. Answered 423 while the broken request is not noticed everywhere; tus clients try again then, too.</summary>
    private static async Task<ClusterAnswer> SendRestAsync(
        ClusterClient client, string path, byte[] file, int offset, CancellationToken cancellationToken)
    {
        using var rest = new ByteArrayContent(file, offset, file.Length - offset);
        rest.Headers.ContentType = new MediaTypeHeaderValue(HangingContent.MediaType);
        return await client.SendAsync(
            HttpMethod.Patch, path, rest, cancellationToken, Version, ("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<ClusterAnswer> OffsetAsync(ClusterClient client, string path, CancellationToken cancellationToken) =>
        (await client.SendAsync(HttpMethod.Head, path, null, cancellationToken, Version)).Require(200, "The upload's offset");

    private static long Offset(ClusterAnswer answer) => long.Parse(answer.Headers["Upload-Offset"], CultureInfo.InvariantCulture);

    /// <summary>nginx may answer or close the connection, as it happens to notice.</summary>
    private static async Task BrokenAsync(Task<ClusterAnswer> request)
    {
        try
        {
            ClusterAnswer answer = await request;
            CheckFailedException.Unless(answer.Status == 503, $"The broken request was answered {answer.Status}.");
        }
        catch (HttpRequestException)
        {
        }
    }

    /// <summary>Sends the beginning of a file, then waits.</summary>
    private sealed class HangingContent : HttpContent
    {
        public const string MediaType = "application/offset+octet-stream";

        private readonly byte[] _file;
        private readonly int _sent;
        private readonly Task _until;

        public HangingContent(byte[] file, int sent, Task until)
        {
            (_file, _sent, _until) = (file, sent, until);
            Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_file.AsMemory(0, _sent));
            await stream.FlushAsync();
            await _until;
            throw new IOException("The line broke, as this check wants it.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _file.Length;
            return true;
        }
    }
}
