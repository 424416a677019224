using System.Text.Json;
using Saga.Persistence.Backups;
using Saga.Tests;

namespace Saga.Api.Tests.Operations;

/// <summary>Backups as docs/operations.md describes them, taken while the service is at work, and services on what was brought back.</summary>
public sealed class BackupTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task A_copy_of_the_data_directory_is_a_data_directory()
    {
        using var copy = new TemporaryFolder();
        string target = Path.Combine(copy.Path, "backup");
        await using ServiceHost service = await ServiceHost.StartAsync();
        (string id, string selection) = await FillAsync(service);
        string[] expected = await ContentAsync(service, id, selection);
        BackupResult result = await WhileBusyAsync(service, () => service.Get<DataBackup>().MakeAsync(target, default));

        // Only of scenes that others deleted between the copy of the database and that of the files.
        foreach (string scene in result.Missing.Select(key => key.Split('/')[1]).Distinct())
        {
            using HttpResponseMessage gone = await service.Client.GetAsync($"/api/v1/scenes/{scene}");
            Assert.Equal(404, (int)gone.StatusCode);
        }

        Assert.True(result.Scenes >= 1 && result.Files >= 5);

        await Assert.ThrowsAsync<IOException>(() => service.Get<DataBackup>().MakeAsync(target, default));
        await using ServiceHost restored = await ServiceHost.StartInAsync(target, false);
        Assert.Equal(expected, await ContentAsync(restored, id, selection));
        (await restored.PostAsync($"/api/v1/scenes/{id}/selections/{selection}/undo", new { })).Expect(200);
        await restored.CreateReadySceneAsync();
    }

    [Fact]
    public async Task Files_copied_before_and_after_a_dump_of_PostgreSQL_fit_the_dump()
    {
        (string from, string to) = ($"saga_{Guid.NewGuid():N}", $"saga_{Guid.NewGuid():N}");
        using var copy = new TemporaryFolder();
        await using ServiceHost service = await ServiceHost.StartAsync($"Saga:Database={server.Require(from)}");
        (string id, string selection) = await FillAsync(service);
        string[] expected = await ContentAsync(service, id, selection);
        await WhileBusyAsync(service, async () =>
        {
            CopyNew(service.Folder, copy.Path);
            await server.CopyDatabaseAsync(from, to);
            CopyNew(service.Folder, copy.Path);
            return true;
        });

        await using ServiceHost restored = await ServiceHost.StartInAsync(copy.Path, false, $"Saga:Database={server.Require(to)}");
        Assert.Equal(expected, await ContentAsync(restored, id, selection));
        await restored.CreateReadySceneAsync();
    }

    private static async Task<(string Id, string Selection)> FillAsync(ServiceHost service)
    {
        string id = await service.CreateReadySceneAsync();
        using HttpResponseMessage created = await service.PostAsync($"/api/v1/scenes/{id}/selections", new { name = "kept", indices = new[] { 3, 5 } });
        string selection = (await created.JsonAsync(201)).GetProperty("id").GetString()!;
        (await service.PostAsync($"/api/v1/scenes/{id}/selections/{selection}/edit", new { op = "invert" })).Expect(200);
        return (id, selection);
    }

    /// <summary>Everything about a scene that a client can see.</summary>
    private static async Task<string[]> ContentAsync(ServiceHost service, string id, string selection)
    {
        await service.Get<Saga.Persistence.SagaDatabase>().Ready.WaitAsync(TimeSpan.FromSeconds(60));
        object prompt = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } }, scale = 0.5 };
        JsonElement answer = await (await service.PostAsync($"/api/v1/scenes/{id}/segment", prompt)).JsonAsync(200);
        return
        [
            (await service.GetJsonAsync($"/api/v1/scenes/{id}")).ToString(),
            (await service.GetJsonAsync($"/api/v1/scenes/{id}/views")).ToString(),
            (await service.GetJsonAsync($"/api/v1/scenes/{id}/selections/{selection}")).ToString(),
            (await service.GetJsonAsync($"/api/v1/scenes/{id}/selections/{selection}/revisions")).ToString(),
            answer.GetProperty("indices").ToString(),
            Convert.ToHexString(await service.Client.GetByteArrayAsync($"/api/v1/scenes/{id}/model")),
            Convert.ToHexString(await service.Client.GetByteArrayAsync($"/api/v1/scenes/{id}/gaussians")),
        ];
    }

    /// <summary>Others upload and delete meanwhile.</summary>
    private static async Task<T> WhileBusyAsync<T>(ServiceHost service, Func<Task<T>> act)
    {
        using var stop = new CancellationTokenSource();
        Task busy = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                string id = await service.CreateReadySceneAsync();
                if (i % 2 == 0)
                {
                    await service.Client.DeleteAsync($"/api/v1/scenes/{id}");
                }
            }
        });
        await Task.Delay(300);
        T result = await act();
        await stop.CancelAsync();
        await busy;
        return result;
    }

    private static void CopyNew(string from, string to)
    {
        using System.Diagnostics.Process copy = System.Diagnostics.Process.Start("cp", ["-a", "--no-clobber", Path.Combine(from, "store"), to]);
        copy.WaitForExit();
    }
}
