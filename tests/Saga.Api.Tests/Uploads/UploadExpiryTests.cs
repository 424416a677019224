using Saga.Persistence.Uploads;

namespace Saga.Api.Tests.Uploads;

public sealed class UploadExpiryTests
{
    [Fact]
    public async Task An_expired_upload_is_refused_and_then_really_deleted()
    {
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Limits:UploadExpirySeconds=1");
        string upload = await service.Client.BeginUploadAsync(1000);
        (await service.Client.AppendAsync(upload, 0, new byte[500])).Expect(204);
        string scene = await service.Client.EmptySceneAsync();
        while ((int)(await service.Client.TusAsync(HttpMethod.Head, upload, null)).StatusCode == 200)
        {
            await Task.Delay(50);
        }

        (await service.Client.TusAsync(HttpMethod.Head, upload, null)).Expect(410);
        await (await service.Client.AppendAsync(upload, 500, new byte[500])).RefusedAsync(410, "upload-expired");
        await (await service.Client.AttachAsync(scene, upload)).RefusedAsync(410, "upload-expired");
        Assert.True(File.Exists(Path.Combine(service.FolderOf(upload), "bytes")));

        Assert.Equal(1, service.Get<UploadStore>().Sweep());
        Assert.False(Directory.Exists(service.FolderOf(upload)));
        (await service.Client.TusAsync(HttpMethod.Head, upload, null)).Expect(404);
    }

    [Fact]
    public async Task The_worker_s_sweep_takes_expired_uploads_when_the_service_starts()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-expiry-{Guid.NewGuid():N}");
        string old;
        string young;
        await using (ServiceHost first = await ServiceHost.StartInAsync(folder, false))
        {
            old = await first.Client.BeginUploadAsync(1000);
            young = await first.Client.BeginUploadAsync(1000);
            File.SetLastWriteTimeUtc(Path.Combine(first.FolderOf(old), "bytes"), DateTime.UtcNow.AddHours(-25));
        }

        await using ServiceHost second = await ServiceHost.StartInAsync(folder, true, "Saga:Worker:Enabled=true");
        while (Directory.Exists(second.FolderOf(old)))
        {
            await Task.Delay(50);
        }

        Assert.Equal(0, await second.Client.OffsetAsync(young));
    }

    [Fact]
    public async Task Every_byte_that_arrives_puts_the_end_off_and_an_upload_under_way_is_never_swept()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string upload = await service.Client.BeginUploadAsync(2 << 20);
        string bytes = Path.Combine(service.FolderOf(upload), "bytes");
        File.SetLastWriteTimeUtc(bytes, DateTime.UtcNow.AddHours(-23));
        using HttpResponseMessage before = await service.Client.TusAsync(HttpMethod.Head, upload, null);
        using var slow = new StuckContent(new byte[1 << 20], new byte[1 << 20]);
        Task<HttpResponseMessage> sending = service.Client.AppendAsync(upload, 0, slow);
        await service.Client.WaitForOffsetAsync(upload, 1 << 18);
        File.SetLastWriteTimeUtc(bytes, DateTime.UtcNow.AddHours(-30));
        Assert.Equal(0, service.Get<UploadStore>().Sweep());
        slow.Release();
        using HttpResponseMessage after = (await sending).Expect(204);
        Assert.True(Expires(after) > Expires(before));
    }

    private static DateTimeOffset Expires(HttpResponseMessage response) =>
        DateTimeOffset.Parse(response.Header("Upload-Expires"), System.Globalization.CultureInfo.InvariantCulture);
}
