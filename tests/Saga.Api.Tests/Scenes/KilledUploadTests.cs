using System.Text.Json;
using Saga.Api.Tests.Uploads;
using Saga.Persistence.Files;

namespace Saga.Api.Tests.Scenes;

public sealed class KilledUploadTests
{
    [Fact]
    public async Task After_kill_9_in_the_middle_of_an_upload_the_scene_is_as_before_and_nothing_is_left()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-kill-{Guid.NewGuid():N}");
        try
        {
            string scene;
            await using (ServiceProgram program = await ServiceProgram.StartAsync(folder))
            {
                using var client = new HttpClient { BaseAddress = new Uri(program.Address) };
                using var form = new MultipartFormDataContent
                {
                    { new StringContent("survivor"), "name" },
                    { new ByteArrayContent(TwoBlobs.Ply), "gaussians", "blobs.ply" },
                };
                using HttpResponseMessage created = await client.PostAsync("/api/v1/scenes", form);
                scene = (await created.JsonAsync(201)).GetProperty("id").GetString()!;

                using var stuck = new StuckContent(TwoBlobs.Ply[..5000], TwoBlobs.Ply[..5000]);
                Task<HttpResponseMessage> upload = client.PutAsync($"/api/v1/scenes/{scene}/gaussians", stuck);
                string staging = Path.Combine(folder, "store", ".staging");
                while (!Directory.EnumerateFiles(staging).Any())
                {
                    await Task.Delay(20);
                }

                program.Kill();
                stuck.Release();
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload);
                Assert.NotEmpty(Directory.EnumerateFiles(staging));
            }

            await using (ServiceHost again = await ServiceHost.StartInAsync(folder, false))
            {
                JsonElement record = await again.GetJsonAsync($"/api/v1/scenes/{scene}");
                Assert.Equal("uploaded", record.GetProperty("state").GetString());
                Assert.Equal(TwoBlobs.Count, record.GetProperty("gaussianCount").GetInt32());
                Assert.Equal(TwoBlobs.Ply, await again.Client.GetByteArrayAsync($"/api/v1/scenes/{scene}/gaussians"));

                FileSweep sweep = again.Get<FileSweep>();
                Assert.Equal(1, sweep.SweepStaging(TimeSpan.Zero));
                Assert.Equal(0, await sweep.SweepOrphansAsync(TimeSpan.Zero, CancellationToken.None));

                // The Gaussians, and the views that were made for them.
                Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(folder, "store"), "*", SearchOption.AllDirectories).Count());
            }
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, true);
        }
    }
}
