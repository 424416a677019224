using System.Net.Http.Json;
using System.Text.Json;
using Saga.Persistence.Files;
using Saga.Tests;

namespace Saga.Api.Tests.Faults;

/// <summary>kill -9 at moments that nobody chose, while the service deletes, swaps models and edits selections.</summary>
public sealed class KilledServiceTests : IDisposable
{
    private const int Rounds = 4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task Scenes_that_were_being_deleted_are_whole_or_gone()
    {
        const int scenes = 10;
        for (int round = 0; round < Rounds; round++)
        {
            List<string> ids;
            await using (ServiceHost service = await ServiceHost.StartInAsync(_folder.Path, false))
            {
                ids = [];
                for (int i = 0; i < scenes; i++)
                {
                    ids.Add(await service.CreateReadySceneAsync());
                }
            }

            int deleted = 0;
            await RunUntilKilledAsync(round, async client =>
            {
                foreach (string id in ids)
                {
                    (await client.DeleteAsync($"/api/v1/scenes/{id}")).Expect(204);
                    Interlocked.Increment(ref deleted);
                }
            });

            await using ServiceHost again = await ServiceHost.StartInAsync(_folder.Path, false);
            JsonElement[] left = [.. (await again.GetJsonAsync("/api/v1/scenes?pageSize=200")).GetProperty("items").EnumerateArray()];
            Assert.InRange(left.Length, scenes - deleted - 1, scenes - deleted);
            foreach (JsonElement scene in left)
            {
                Assert.Equal("ready", scene.GetProperty("state").GetString());
                await AssertWholeAsync(again, scene.GetProperty("id").GetString()!);
            }

            await AssertSweptAsync(again, left.Length);
            foreach (JsonElement scene in left)
            {
                (await again.Client.DeleteAsync($"/api/v1/scenes/{scene.GetProperty("id").GetString()}")).Expect(204);
            }
        }
    }

    [Fact]
    public async Task A_model_that_was_being_swapped_is_the_old_one_or_the_new_one()
    {
        byte[][] models = [TwoBlobs.Model, TwoBlobs.ModelWithParts];
        string id;
        await using (ServiceHost service = await ServiceHost.StartInAsync(_folder.Path, false))
        {
            id = await service.CreateReadySceneAsync();
        }

        for (int round = 0; round < Rounds; round++)
        {
            await RunUntilKilledAsync(round, async client =>
            {
                for (int i = 0; i < 500; i++)
                {
                    (await client.PutAsync($"/api/v1/scenes/{id}/model", new ByteArrayContent(models[i % 2]))).Expect(204);
                }
            });

            await using ServiceHost again = await ServiceHost.StartInAsync(_folder.Path, false);
            byte[] now = await again.Client.GetByteArrayAsync($"/api/v1/scenes/{id}/model");
            Assert.Contains(models, model => model.AsSpan().SequenceEqual(now));
            await AssertWholeAsync(again, id);
            await AssertSweptAsync(again, scenes: 1);
        }
    }

    [Fact]
    public async Task A_selection_that_was_being_edited_has_every_edit_that_was_answered_and_its_history()
    {
        string path;
        await using (ServiceHost service = await ServiceHost.StartInAsync(_folder.Path, false))
        {
            string id = await service.CreateReadySceneAsync();
            using HttpResponseMessage created = await service.PostAsync(
                $"/api/v1/scenes/{id}/selections", new { name = "left", indices = Enumerable.Range(0, TwoBlobs.Half) });
            path = $"/api/v1/scenes/{id}/selections/{(await created.JsonAsync(201)).GetProperty("id").GetString()}";
        }

        int known = 1;
        for (int round = 0; round < Rounds; round++)
        {
            int answered = 0;
            await RunUntilKilledAsync(round, async client =>
            {
                for (int i = 0; i < 500; i++)
                {
                    (await client.PostAsJsonAsync($"{path}/edit", new { op = "invert" })).Expect(200);
                    answered++;
                }
            });

            await using ServiceHost again = await ServiceHost.StartInAsync(_folder.Path, false);
            JsonElement now = await again.GetJsonAsync(path);
            int version = now.GetProperty("version").GetInt32();
            Assert.InRange(version, known + answered, known + answered + 1);
            known = version;
            bool isLeft = version % 2 == 1;
            int[] members = [.. now.GetProperty("indices").EnumerateArray().Select(index => index.GetInt32())];
            Assert.Equal(isLeft ? Enumerable.Range(0, TwoBlobs.Half) : Enumerable.Range(TwoBlobs.Half, TwoBlobs.Count - TwoBlobs.Half), members);
            if (version > 1)
            {
                JsonElement undone = await (await again.PostAsync($"{path}/undo", new { })).JsonAsync(200);
                Assert.Equal(
                    isLeft ? TwoBlobs.Count - TwoBlobs.Half : TwoBlobs.Half, undone.GetProperty("selectedCount").GetInt32());
                JsonElement redone = await (await again.PostAsync($"{path}/redo", new { })).JsonAsync(200);
                known = redone.GetProperty("version").GetInt32();
                Assert.Equal(isLeft, known % 2 == 1);
            }
        }
    }

    [Fact]
    public async Task A_service_that_is_stopped_answers_the_prompts_that_it_has_begun()
    {
        string id;
        await using (ServiceHost service = await ServiceHost.StartInAsync(_folder.Path, false))
        {
            id = await service.CreateReadySceneAsync();
        }

        await using ServiceProgram program = await ServiceProgram.StartAsync(_folder.Path);
        using var client = new HttpClient { BaseAddress = new Uri(program.Address) };
        int answered = 0;
        Task[] prompting = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await AssertPromptAsync(client, id);
                    Interlocked.Increment(ref answered);
                }
            }
            catch (HttpRequestException)
            {
                // The port is closed: what comes now is for another node.
            }
        }))];
        while (Volatile.Read(ref answered) < 100)
        {
            await Task.Delay(10);
        }

        Assert.Equal(0, await program.StopAsync());

        // A prompt answered by anything else than its mask has failed its task.
        await Task.WhenAll(prompting);
    }

    /// <summary>Starts the service as a process, works, and kills it while it does.</summary>
    private async Task RunUntilKilledAsync(int round, Func<HttpClient, Task> work)
    {
        await using ServiceProgram program = await ServiceProgram.StartAsync(_folder.Path);
        using var client = new HttpClient { BaseAddress = new Uri(program.Address) };

        // The first request is slow in a new process; what is to be hit comes after it.
        (await client.GetAsync("/api/v1/scenes")).Expect(200);
        Task working = work(client);
        await Task.Delay(60 + (90 * round));
        program.Kill();
        try
        {
            await working;
        }
        catch (HttpRequestException)
        {
            // The request that was under way.
        }
    }

    private static async Task AssertWholeAsync(ServiceHost service, string id)
    {
        Assert.Equal(TwoBlobs.Ply, await service.Client.GetByteArrayAsync($"/api/v1/scenes/{id}/gaussians"));
        await AssertPromptAsync(service.Client, id);
    }

    private static async Task AssertPromptAsync(HttpClient client, string id)
    {
        object prompt = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } }, scale = 0.9 };
        using HttpResponseMessage answer = await client.PostAsJsonAsync($"/api/v1/scenes/{id}/segment", prompt);
        Assert.Equal(TwoBlobs.Half, (await answer.JsonAsync(200)).GetProperty("selectedCount").GetInt32());
    }

    /// <summary>After the sweep there are the files of the scenes, four uploads and a model each, and no other.</summary>
    private static async Task AssertSweptAsync(ServiceHost service, int scenes)
    {
        FileSweep sweep = service.Get<FileSweep>();
        sweep.SweepStaging(TimeSpan.Zero);
        await sweep.SweepOrphansAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(5 * scenes, await service.Get<FileStore>().EntriesAsync(CancellationToken.None).CountAsync());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(service.Get<FileStore>().Root, ".staging")));
    }
}
