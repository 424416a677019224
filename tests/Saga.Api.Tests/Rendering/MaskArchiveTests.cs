using Saga.Api.Hosting;
using Saga.Api.Rendering;
using Saga.Api.Residency;
using Saga.Engine.Cameras;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Segmentation;

namespace Saga.Api.Tests.Rendering;

public sealed class MaskArchiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("saga-masks").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task No_further_view_is_drawn_for_a_client_that_has_gone()
    {
        string ply = Path.Combine(_folder, "blobs.ply");
        string cameras = Path.Combine(_folder, "cameras.json");
        await File.WriteAllBytesAsync(ply, TwoBlobs.Ply);
        await File.WriteAllBytesAsync(cameras, TwoBlobs.Cameras);
        var pictures = new PictureScene(GaussianPlyReader.Read(ply));
        var selection = new GaussianSelection(new byte[(TwoBlobs.Count + 7) / 8], TwoBlobs.Count);
        using var queue = new WorkQueue("pictures", 1, 1);
        using var gone = new CancellationTokenSource();

        // The client goes while the first view is on its way.
        using var body = new LeavingClient(gone);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => MaskArchiveEndpoint.WriteAsync(
            body, CameraFile.Read(cameras, "cameras.json"), pictures, selection, queue, gone.Token));

        Assert.Equal(1, CountOf(body.ToArray(), "\x89PNG"));
        Assert.Equal(Environment.ProcessorCount, queue.FairThreads);
    }

    [Fact]
    public async Task Views_named_like_paths_or_alike_get_names_of_their_own()
    {
        string ply = Path.Combine(_folder, "blobs.ply");
        await File.WriteAllBytesAsync(ply, TwoBlobs.Ply);
        string json = Path.Combine(_folder, "cameras.json");
        await File.WriteAllBytesAsync(json, TwoBlobs.Cameras);
        PinholeCamera camera = CameraFile.Read(json, "cameras.json")[0].Camera;
        SceneView[] views = [new("../../etc/passwd", camera, ""), new("a", camera, ""), new("A", camera, ""), new("..", camera, "")];
        var selection = new GaussianSelection(new byte[(TwoBlobs.Count + 7) / 8], TwoBlobs.Count);
        using var queue = new WorkQueue("pictures", 1, 1);
        using var body = new MemoryStream();

        await MaskArchiveEndpoint.WriteAsync(
            body, views, new PictureScene(GaussianPlyReader.Read(ply)), selection, queue, CancellationToken.None);

        using var zip = new System.IO.Compression.ZipArchive(new MemoryStream(body.ToArray()));
        Assert.Equal(["passwd.png", "a.png", "A.2.png", "view_3.png"], zip.Entries.Select(e => e.FullName));
    }

    private static int CountOf(byte[] bytes, string text)
    {
        byte[] pattern = System.Text.Encoding.Latin1.GetBytes(text);
        return Enumerable.Range(0, Math.Max(0, bytes.Length - pattern.Length)).Count(i => bytes.AsSpan(i, pattern.Length).SequenceEqual(pattern));
    }

    private sealed class LeavingClient(CancellationTokenSource gone) : MemoryStream
    {
        public override bool CanSeek => false;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            gone.Cancel();
            return Task.CompletedTask;
        }
    }
}
