using System.Security.Cryptography;

namespace Saga.Api.Tests.Uploads;

/// <summary>Uploads whose client, connection or service ends in the middle.</summary>
public sealed class BrokenUploadTests
{
    /// <summary>Large enough that a request is long under way when it breaks.</summary>
    private static readonly byte[] Ply = TwoBlobs.WritePly([.. Enumerable.Repeat(TwoBlobs.Records(), 200).SelectMany(records => records)]);

    [Fact]
    public async Task After_kill_9_an_upload_goes_on_and_is_the_same_bit_by_bit()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-tus-{Guid.NewGuid():N}");
        try
        {
            string scene;
            string upload;
            await using (ServiceProgram program = await ServiceProgram.StartAsync(folder))
            {
                using var client = new HttpClient { BaseAddress = new Uri(program.Address) };
                scene = await client.EmptySceneAsync();
                upload = await client.BeginUploadAsync(Ply.Length, scene: scene);
                using var stuck = new StuckContent(Ply[..(Ply.Length / 2)], []);
                Task<HttpResponseMessage> sending = client.AppendAsync(upload, 0, stuck);
                await client.WaitForOffsetAsync(upload, Ply.Length / 4);
                program.Kill();
                stuck.Release();
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
            }

            await using (ServiceProgram again = await ServiceProgram.StartAsync(folder))
            {
                using var client = new HttpClient { BaseAddress = new Uri(again.Address) };
                long offset = await client.OffsetAsync(upload);
                Assert.InRange(offset, Ply.Length / 4, Ply.Length / 2);
                (await client.AppendAsync(upload, offset, Ply[(int)offset..])).Expect(204);
                (await client.AttachAsync(scene, upload)).Expect(204);
                Assert.Equal(SHA256.HashData(Ply), SHA256.HashData(await client.GetByteArrayAsync($"/api/v1/scenes/{scene}/gaussians")));
            }

            // The Gaussians, and the cameras that the service made for them.
            string[] kept = Directory.GetFiles(Path.Combine(folder, "store"), "*", SearchOption.AllDirectories);
            Assert.Equal(2, kept.Length);
            Assert.Single(kept, path => path.EndsWith(".ply", StringComparison.Ordinal));
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public async Task Kill_9_before_a_checksum_was_known_to_be_right_keeps_nothing_of_that_request()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-tus-{Guid.NewGuid():N}");
        try
        {
            string upload;
            await using (ServiceProgram program = await ServiceProgram.StartAsync(folder))
            {
                using var client = new HttpClient { BaseAddress = new Uri(program.Address) };
                upload = await client.BeginUploadAsync(Ply.Length);
                (await client.AppendAsync(upload, 0, Ply[..1000])).Expect(204);
                using var stuck = new StuckContent(Ply[1000..(Ply.Length / 2)], []);
                Task<HttpResponseMessage> sending = client.AppendAsync(
                    upload, 1000, stuck, ("Upload-Checksum", $"sha1 {Convert.ToBase64String(new byte[20])}"));
                var bytes = new FileInfo(Path.Combine(TusCalls.FolderOf(folder, upload), "bytes"));
                while (bytes.Length < Ply.Length / 4)
                {
                    await Task.Delay(20);
                    bytes.Refresh();
                }

                Assert.Equal(1000, await client.OffsetAsync(upload));
                program.Kill();
                stuck.Release();
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
            }

            await using ServiceHost again = await ServiceHost.StartInAsync(folder, false);
            Assert.Equal(1000, await again.Client.OffsetAsync(upload));
            (await again.Client.AppendAsync(upload, 1000, Ply[1000..])).Expect(204);
            Assert.Equal(Ply, await File.ReadAllBytesAsync(Path.Combine(again.FolderOf(upload), "bytes")));
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_what_it_has_sent()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string upload = await service.Client.BeginUploadAsync(Ply.Length);
        using var end = new CancellationTokenSource();
        using var stuck = new StuckContent(Ply[..(Ply.Length / 2)], []);
        using var request = new HttpRequestMessage(HttpMethod.Patch, upload) { Content = stuck };
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Upload-Offset", "0");
        stuck.Headers.TryAddWithoutValidation("Content-Type", TusCalls.ContentType);
        Task<HttpResponseMessage> sending = service.Client.SendAsync(request, end.Token);
        await service.Client.WaitForOffsetAsync(upload, Ply.Length / 4);
        await end.CancelAsync();
        stuck.Release();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        // The upload is free again as soon as the service has seen it; until then it may still take bytes.
        for (int status = 423; status is 423 or 409;)
        {
            await Task.Delay(20);
            long offset = await service.Client.OffsetAsync(upload);
            Assert.InRange(offset, Ply.Length / 4, Ply.Length / 2);
            using HttpResponseMessage rest = await service.Client.AppendAsync(upload, offset, Ply[(int)offset..]);
            status = (int)rest.StatusCode;
        }

        Assert.Equal(Ply, await File.ReadAllBytesAsync(Path.Combine(service.FolderOf(upload), "bytes")));
    }

    [Fact]
    public async Task A_service_that_stops_does_not_wait_for_the_rest_and_keeps_what_it_has()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-tus-{Guid.NewGuid():N}");
        string upload;
        using (var client = new HttpClient())
        {
            ServiceHost first = await ServiceHost.StartInAsync(folder, false);
            client.BaseAddress = new Uri(first.Address);
            upload = await client.BeginUploadAsync(Ply.Length);
            using var stuck = new StuckContent(Ply[..(Ply.Length / 2)], Ply[(Ply.Length / 2)..]);
            Task<HttpResponseMessage> sending = client.AppendAsync(upload, 0, stuck);
            await client.WaitForOffsetAsync(upload, Ply.Length / 4);
            await first.DisposeAsync();

            // Stopped, and the rest was never sent.
            Assert.False(sending.IsCompletedSuccessfully);
            stuck.Release();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
        }

        await using ServiceHost second = await ServiceHost.StartInAsync(folder, true);
        Assert.InRange(await second.Client.OffsetAsync(upload), Ply.Length / 4, Ply.Length / 2);
    }
}
