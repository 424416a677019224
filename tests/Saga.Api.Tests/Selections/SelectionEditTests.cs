using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Npgsql;
using Saga.Tests;

namespace Saga.Api.Tests.Selections;

public sealed class SqliteSelectionEditTests : SelectionEditTests
{
    private protected override Task<ServiceHost> StartAsync() => ServiceHost.StartAsync("Saga:Limits:MaxJsonBytes=200000");
}

public sealed class PostgresSelectionEditTests(PostgresServer server) : SelectionEditTests, IClassFixture<PostgresServer>
{
    private protected override Task<ServiceHost> StartAsync() =>
        ServiceHost.StartAsync($"Saga:Database={server.Require()}", "Saga:Limits:MaxJsonBytes=200000");
}

/// <summary>Kept selections as they are changed: edits, revisions, two people at once. On each database.</summary>
public abstract class SelectionEditTests : IAsyncLifetime
{
    private static readonly int[] Left = [.. Enumerable.Range(0, TwoBlobs.Half)];
    private static readonly int[] Chosen = [0, 7, 8, 149, 150, 299];

    private ServiceHost _service = null!;
    private string _scene = null!;

    private protected abstract Task<ServiceHost> StartAsync();

    public async ValueTask InitializeAsync()
    {
        _service = await StartAsync();
        _scene = $"/api/v1/scenes/{await _service.CreateReadySceneAsync()}";
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        // Every test has a database of its own, and idle connections to the earlier ones would use up the server's hundred.
        NpgsqlConnection.ClearAllPools();
    }

    [Fact]
    public async Task Members_are_combined_with_another_selection_indices_or_a_bit_mask()
    {
        int[] other = [7, 8, 9, 299];
        string id = (await CreateAsync(other)).Split('/')[^1];
        byte[] bits = new byte[(TwoBlobs.Count + 7) / 8];
        Array.ForEach(other, i => bits[i / 8] |= (byte)(1 << (i % 8)));
        foreach (object with in new object[] { new { selection = id }, new { indices = other }, new { bitmask = Convert.ToBase64String(bits) } })
        {
            string path = await CreateAsync(Chosen);
            JsonElement answer = await EditAsync(path, new { op = "union", with });
            Assert.Equal(7, answer.GetProperty("selectedCount").GetInt32());
            Assert.Equal(Chosen.Union(other).Order(), await MembersAsync(path));
            await EditAsync(path, new { op = "subtract", with });
            Assert.Equal(Chosen.Except(other), await MembersAsync(path));
            await EditAsync(path, new { op = "invert" });
            Assert.Equal(Enumerable.Range(0, TwoBlobs.Count).Except([0, 149, 150]), await MembersAsync(path));
            await EditAsync(path, new { op = "intersect", with });
            Assert.Equal(other, await MembersAsync(path));
        }
    }

    [Fact]
    public async Task Members_grow_shrink_and_lose_what_is_not_connected_in_a_trained_scene_and_an_untrained_one()
    {
        var answers = new List<int[][]>();
        string trained = _scene;
        string untrained = $"/api/v1/scenes/{await _service.CreateSceneAsync(TwoBlobs.AllFiles)}";
        foreach (string scene in new[] { trained, untrained })
        {
            _scene = scene;
            string path = await CreateAsync([3]);
            var members = new List<int[]>();
            foreach (object edit in new object[]
            {
                new { op = "grow" }, new { op = "grow", steps = 2 }, new { op = "grow", distance = 0.1 }, new { op = "grow", distance = 9 },
                new { op = "union", with = new { indices = new[] { 200, 201 } } }, new { op = "removeFloaters", minPiece = 3 },
                new { op = "subtract", with = new { indices = new[] { 3 } } }, new { op = "shrink" }, new { op = "shrink", distance = 0.2 },
            })
            {
                await EditAsync(path, edit);
                members.Add(await MembersAsync(path));
            }

            // From one Gaussian to more, to more, to the whole ball and not the other; without two strays; with a growing hole.
            Assert.InRange(members[0].Length, 2, 16);
            Assert.True(members[1].Length > members[0].Length);
            Assert.True(members[2].Length > members[1].Length);
            Assert.InRange(members[3].Length, TwoBlobs.Half - 3, TwoBlobs.Half);
            Assert.All(members[3], i => Assert.Contains(i, Left));
            Assert.Equal(members[3], members[5]);
            Assert.True(members[7].Length < members[6].Length);
            Assert.True(members[8].Length < members[7].Length);

            string both = await CreateAsync([.. members[3], .. Enumerable.Range(TwoBlobs.Half, 100)]);
            await EditAsync(both, new { op = "connected" });
            members.Add(await MembersAsync(both));
            Assert.Equal(members[3], members[^1]);
            string right = await CreateAsync([.. members[3], .. Enumerable.Range(TwoBlobs.Half, 100)]);
            await EditAsync(right, new { op = "connected", seeds = new[] { TwoBlobs.Half + 5 } });
            members.Add(await MembersAsync(right));
            Assert.NotEmpty(members[^1]);
            Assert.All(members[^1], i => Assert.DoesNotContain(i, Left));
            answers.Add([.. members]);
        }

        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task Growing_stops_where_features_differ()
    {
        // The model's border runs through the left ball.
        (await _service.PutAsync($"{_scene}/model", TwoBlobs.WriteModel(TwoBlobs.Ply, firstOfRight: 75))).Expect(204);
        string path = await CreateAsync([3]);
        await EditAsync(path, new { op = "grow", distance = 9, similarity = 0.9, scale = 0.5 });

        int[] members = await MembersAsync(path);
        Assert.InRange(members.Length, 20, 75);
        Assert.All(members, i => Assert.InRange(i, 0, 74));

        _scene = $"/api/v1/scenes/{await _service.CreateSceneAsync(TwoBlobs.AllFiles)}";
        path = await CreateAsync([3]);
        await (await PostEditAsync(path, new { op = "grow", similarity = 0.9 })).RefusedAsync(409, "scene-not-trained");
        Assert.Equal(3, Assert.Single(await MembersAsync(path)));
    }

    [Fact]
    public async Task The_graph_is_found_once_and_counted_in_what_the_scene_takes()
    {
        string path = await CreateAsync([3]);
        await (await _service.PostAsync($"{_scene}/segment", new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } } })).JsonAsync(200);
        long before = await ResidentBytesAsync();
        await EditAsync(path, new { op = "grow" });
        long after = await ResidentBytesAsync();
        await EditAsync(path, new { op = "grow" });

        Assert.Equal(before + TwoBlobs.Count * 16 * 4, after);
        Assert.Equal(after, await ResidentBytesAsync());
    }

    [Fact]
    public async Task Members_that_are_kept_nowhere_are_edited_as_kept_ones_are()
    {
        string path = await CreateAsync([3]);
        await EditAsync(path, new { op = "grow", steps = 2 });
        object edit = new { members = new { indices = new[] { 3 } }, op = "grow", steps = 2 };
        JsonElement grown = await (await _service.PostAsync($"{_scene}/selections/edit", edit)).JsonAsync(200);
        Assert.Equal(await MembersAsync(path), Indices(grown));
        Assert.Equal(grown.GetProperty("indices").GetArrayLength(), grown.GetProperty("selectedCount").GetInt32());
        Assert.Equal(1, (await _service.GetJsonAsync($"{_scene}/selections")).GetProperty("total").GetInt32());

        using HttpResponseMessage bits = await SendAsync(
            HttpMethod.Post, $"{_scene}/selections/edit", edit,
            r => r.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream")));
        Assert.Equal((TwoBlobs.Count + 7) / 8, (await bits.Expect(200).Content.ReadAsByteArrayAsync()).Length);
        await (await _service.PostAsync($"{_scene}/selections/edit", new { op = "grow" })).RefusedAsync(422, "invalid-selection");
        await (await _service.PostAsync($"{_scene}/selections/edit", new { members = new { }, op = "grow" })).RefusedAsync(422, "invalid-selection");
        await (await _service.PostAsync($"/api/v1/scenes/{Guid.NewGuid()}/selections/edit", edit)).RefusedAsync(404, "scene-not-found");
    }

    [Fact]
    public async Task Selections_are_made_and_replaced_from_others_along_surfaces_too()
    {
        string seed = (await CreateAsync([3])).Split('/')[^1];
        JsonElement grown = await (await _service.PostAsync(
            $"{_scene}/selections", new { from = new { op = "grow", of = new[] { seed }, distance = 9 } })).JsonAsync(201);
        Assert.InRange(grown.GetProperty("selectedCount").GetInt32(), TwoBlobs.Half - 3, TwoBlobs.Half);

        string path = $"{_scene}/selections/{seed}";
        await (await PutAsync(path, new { from = new { op = "subtract", of = new[] { grown.GetProperty("id").GetString(), seed } } })).JsonAsync(200);
        Assert.Equal(grown.GetProperty("selectedCount").GetInt32() - 1, (await MembersAsync(path)).Length);
        Assert.Equal("replace", (await _service.GetJsonAsync($"{path}/revisions"))[0].GetProperty("operation").GetString());
    }

    [Fact]
    public async Task Every_edit_is_a_revision_that_can_be_undone_and_redone()
    {
        string path = await CreateAsync(Chosen);
        Assert.Equal((1, 1, false, false), State(await _service.GetJsonAsync(path)));
        await (await _service.Client.PostAsync($"{path}/undo", null)).RefusedAsync(409, "nothing-to-undo");

        Assert.Equal((2, 2, true, false), State(await EditAsync(path, new { op = "invert" })));
        Assert.Equal((3, 3, true, false), State(await (await PutAsync(path, new { indices = new[] { 1, 2 } })).JsonAsync(200)));
        await (await _service.Client.PatchAsync(path, JsonContent.Create(new { name = "chair", color = "#012345" }))).JsonAsync(200);
        Assert.Equal((5, 2, true, true), State(await StepAsync(path, "undo")));
        Assert.Equal(TwoBlobs.Count - Chosen.Length, (await MembersAsync(path)).Length);
        Assert.Equal((6, 1, false, true), State(await StepAsync(path, "undo")));
        Assert.Equal(Chosen, await MembersAsync(path));
        Assert.Equal((7, 2, true, true), State(await StepAsync(path, "redo")));

        JsonElement revisions = await _service.GetJsonAsync($"{path}/revisions");
        Assert.Equal(
            [(3, "replace", 2, false), (2, "invert", TwoBlobs.Count - Chosen.Length, true), (1, "create", Chosen.Length, false)],
            revisions.EnumerateArray().Select(r => (
                r.GetProperty("number").GetInt32(), r.GetProperty("operation").GetString(),
                r.GetProperty("selectedCount").GetInt32(), r.GetProperty("isCurrent").GetBoolean())));

        // Names and colours are none of the members' history.
        JsonElement now = await _service.GetJsonAsync(path);
        Assert.Equal(("chair", "#012345"), (now.GetProperty("name").GetString(), now.GetProperty("color").GetString()));
        await (await _service.Client.PostAsync($"{path}/redo", null)).JsonAsync(200);
        await (await _service.Client.PostAsync($"{path}/redo", null)).RefusedAsync(409, "nothing-to-redo");
        Assert.Equal((8, 3, true, false), State((await _service.GetJsonAsync($"{_scene}/selections")).GetProperty("items")[0]));
    }

    [Fact]
    public async Task An_edit_that_changes_nothing_makes_no_revision()
    {
        string path = await CreateAsync(Chosen);
        Assert.Equal((1, 1, false, false), State(await EditAsync(path, new { op = "union", with = new { indices = Chosen } })));
        Assert.Equal((1, 1, false, false), State(await (await PutAsync(path, new { indices = Chosen })).JsonAsync(200)));
        Assert.Equal(1, (await _service.GetJsonAsync($"{path}/revisions")).GetArrayLength());
    }

    [Fact]
    public async Task Every_answer_has_the_version_as_its_ETag_and_a_known_one_is_not_sent_again()
    {
        using HttpResponseMessage created = await _service.PostAsync($"{_scene}/selections", new { indices = Chosen });
        Assert.Equal("\"1\"", created.Headers.ETag!.Tag);
        string path = created.Headers.Location!.ToString();
        Assert.Equal("\"2\"", (await PostEditAsync(path, new { op = "invert" })).Headers.ETag!.Tag);
        Assert.Equal("\"3\"", (await _service.Client.PostAsync($"{path}/undo", null)).Headers.ETag!.Tag);
        Assert.Equal("\"4\"", (await _service.Client.PatchAsync(path, JsonContent.Create(new { hidden = true }))).Headers.ETag!.Tag);
        using HttpResponseMessage got = await _service.Client.GetAsync(path);
        Assert.Equal("\"4\"", got.Headers.ETag!.Tag);
        Assert.Contains("Accept", got.Headers.Vary);

        using HttpResponseMessage known = await SendAsync(HttpMethod.Get, path, null, r => r.Headers.IfNoneMatch.ParseAdd("\"4\""));
        Assert.Equal(304, (int)known.StatusCode);
        Assert.Empty(await known.Content.ReadAsByteArrayAsync());
        (await SendAsync(HttpMethod.Get, path, null, r => r.Headers.IfNoneMatch.ParseAdd("\"3\""))).Expect(200);
    }

    [Fact]
    public async Task A_change_of_a_version_that_is_no_more_is_refused_and_changes_nothing()
    {
        string path = await CreateAsync(Chosen);
        await EditAsync(path, new { op = "invert" });
        foreach (string tag in new[] { "\"1\"", "\"3\"", "W/\"2\"", "\"x\"", "\"1\", \"7\"" })
        {
            (HttpMethod Method, string Path, object? Body)[] changes =
            [
                (HttpMethod.Put, path, new { indices = new[] { 1 } }), (HttpMethod.Post, $"{path}/edit", new { op = "invert" }),
                (HttpMethod.Post, $"{path}/undo", null), (HttpMethod.Post, $"{path}/redo", null),
                (HttpMethod.Patch, path, new { name = "b" }), (HttpMethod.Delete, path, null),
            ];
            foreach ((HttpMethod method, string at, object? body) in changes)
            {
                string detail = await (await SendAsync(method, at, body, IfMatch(tag))).RefusedAsync(412, "selection-changed");
                Assert.Contains("its ETag is \"2\"", detail, StringComparison.Ordinal);
            }
        }

        Assert.Equal((2, 2, true, false), State(await _service.GetJsonAsync(path)));
        await (await SendAsync(HttpMethod.Delete, path, null, IfMatch("2"))).RefusedAsync(400, "invalid-request");
        await (await SendAsync(HttpMethod.Post, $"{path}/undo", null, IfMatch("\"2\""))).JsonAsync(200);
        await (await SendAsync(HttpMethod.Post, $"{path}/redo", null, IfMatch("\"1\", \"3\""))).JsonAsync(200);
        await (await SendAsync(HttpMethod.Patch, path, new { name = "b" }, IfMatch("*"))).JsonAsync(200);
        (await SendAsync(HttpMethod.Delete, path, null, IfMatch("\"5\""))).Expect(204);
        await (await SendAsync(HttpMethod.Delete, path, null, IfMatch("*"))).RefusedAsync(404, "selection-not-found");
    }

    [Fact]
    public async Task Of_parallel_writers_who_look_first_none_loses_a_change()
    {
        string path = await CreateAsync([]);
        const int writers = 4;
        const int each = 6;
        int refused = 0;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < each;)
            {
                // Reads, changes and writes all members, as a page does.
                using HttpResponseMessage read = (await _service.Client.GetAsync(path)).Expect(200);
                int[] members = [.. Indices(await read.JsonAsync(200)), writer * each + i];
                using HttpResponseMessage written = await SendAsync(
                    HttpMethod.Put, path, new { indices = members }, IfMatch(read.Headers.ETag!.Tag));
                if ((int)written.StatusCode == 412)
                {
                    Interlocked.Increment(ref refused);
                }
                else
                {
                    written.Expect(200);
                    i++;
                }
            }
        })));

        Assert.Equal(Enumerable.Range(0, writers * each), await MembersAsync(path));
        Assert.Equal((1 + writers * each, 1 + writers * each, true, false), State(await _service.GetJsonAsync(path)));
    }

    [Fact]
    public async Task Parallel_edits_without_looking_follow_each_other()
    {
        string path = await CreateAsync([]);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(
            () => EditAsync(path, new { op = "union", with = new { indices = new[] { i } } }))));
        Assert.Equal(Enumerable.Range(0, 10), await MembersAsync(path));
    }

    [Fact]
    public async Task The_bit_mask_comes_with_the_answer_when_asked_for()
    {
        string path = await CreateAsync(Chosen);
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Post, $"{path}/edit", new { op = "union", with = new { indices = new[] { 1 } } },
            r => r.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream")));
        byte[] bits = await answer.Expect(200).Content.ReadAsByteArrayAsync();
        Assert.Equal(Chosen.Append(1).Order(), Enumerable.Range(0, TwoBlobs.Count).Where(i => (bits[i / 8] >> (i % 8) & 1) != 0));
        Assert.Equal(("\"2\"", "7"), (answer.Headers.ETag!.Tag, answer.Headers.GetValues("X-Selected-Count").Single()));
    }

    [Fact]
    public async Task Whoever_watches_the_scene_hears_of_changed_selections()
    {
        await using HubConnection hub = new HubConnectionBuilder().WithUrl($"{_service.Address}/hubs/progress").Build();
        var states = System.Threading.Channels.Channel.CreateUnbounded<long>();
        hub.On<JsonElement>("sceneChanged", scene => states.Writer.TryWrite(scene.GetProperty("selectionsVersion").GetInt64()));
        await hub.StartAsync();
        await hub.InvokeAsync("WatchScene", Guid.Parse(_scene.Split('/')[^1]));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        long known = await states.Reader.ReadAsync(patience.Token);

        string path = await CreateAsync(Chosen);
        Assert.Equal(++known, await states.Reader.ReadAsync(patience.Token));
        foreach (Func<Task> change in new Func<Task>[]
        {
            () => EditAsync(path, new { op = "invert" }), () => StepAsync(path, "undo"),
            () => _service.Client.PatchAsync(path, JsonContent.Create(new { name = "b" })), () => _service.Client.DeleteAsync(path),
        })
        {
            await change();
            Assert.Equal(++known, await states.Reader.ReadAsync(patience.Token));
        }
    }

    [Theory]
    [InlineData("""{}""", 422, "invalid-selection", "op is «»")]
    [InlineData("""{"op":"explode"}""", 422, "invalid-selection", "union, intersect, subtract, invert, grow, shrink, connected, removeFloaters")]
    [InlineData("""{"op":"grow","steps":0}""", 422, "invalid-selection", "1 to 64")]
    [InlineData("""{"op":"grow","steps":65}""", 422, "invalid-selection", "Give a distance")]
    [InlineData("""{"op":"grow","steps":1,"distance":1}""", 422, "invalid-selection", "not both")]
    [InlineData("""{"op":"shrink","distance":-0.5}""", 422, "invalid-selection", "distance is -0.5")]
    [InlineData("""{"op":"shrink","distance":1e300}""", 422, "invalid-selection", "world units")]
    [InlineData("""{"op":"grow","distance":"far"}""", 400, "invalid-request", "distance")]
    [InlineData("""{"op":"shrink","similarity":0.5}""", 422, "invalid-selection", "shrink takes no similarity")]
    [InlineData("""{"op":"grow","similarity":1.5}""", 422, "invalid-selection", "-1 to 1")]
    [InlineData("""{"op":"grow","similarity":0.5,"scale":2}""", 422, "scale-out-of-range", "0 (finest)")]
    [InlineData("""{"op":"grow","scale":0.5}""", 422, "invalid-selection", "give similarity too")]
    [InlineData("""{"op":"invert","steps":2}""", 422, "invalid-selection", "no parameters")]
    [InlineData("""{"op":"connected","seeds":[]}""", 422, "invalid-selection", "seeds is empty")]
    [InlineData("""{"op":"connected","seeds":[300]}""", 422, "invalid-selection", "0 to 299")]
    [InlineData("""{"op":"connected","seeds":[-1]}""", 422, "invalid-selection", "seeds holds -1")]
    [InlineData("""{"op":"removeFloaters","minPiece":0}""", 422, "invalid-selection", "1 or more")]
    [InlineData("""{"op":"union"}""", 422, "invalid-selection", "union needs with")]
    [InlineData("""{"op":"grow","with":{"indices":[1]}}""", 422, "invalid-selection", "takes no with")]
    [InlineData("""{"op":"union","with":{}}""", 422, "invalid-selection", "exactly one")]
    [InlineData("""{"op":"union","with":{"indices":[1],"bitmask":"AA=="}}""", 422, "invalid-selection", "exactly one")]
    [InlineData("""{"op":"union","with":{"indices":[300]}}""", 422, "invalid-selection", "0 to 299")]
    [InlineData("""{"op":"union","with":{"bitmask":"AAAA"}}""", 422, "invalid-selection", "3 bytes")]
    [InlineData("""{"op":"union","with":{"bitmask":"?"}}""", 422, "invalid-selection", "base64")]
    [InlineData("""{"op":"union","with":{"selection":"01990000-0000-7000-8000-000000000000"}}""", 404, "selection-not-found", "no selection")]
    [InlineData("""null""", 400, "invalid-request", "JSON object")]
    [InlineData("""{"op":"grow","steps":1e9""", 400, "invalid-request", "damaged")]
    public async Task Edits_that_make_no_sense_are_refused_and_change_nothing(string body, int status, string code, string says)
    {
        string path = await CreateAsync(Chosen);
        Assert.Contains(says, await (await _service.PostTextAsync($"{path}/edit", body)).RefusedAsync(status, code), StringComparison.Ordinal);
        Assert.Equal((1, 1, false, false), State(await _service.GetJsonAsync(path)));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"indices":[1],"bitmask":"AA=="}""")]
    [InlineData("""{"from":{"op":"invert","of":[]}}""")]
    [InlineData("""{"from":{"op":"grow","of":["01990000-0000-7000-8000-000000000000","01990000-0000-7000-8000-000000000000"]}}""")]
    [InlineData("""{"from":{"op":"union"}}""")]
    public async Task Members_that_make_no_sense_are_refused(string body)
    {
        string path = await CreateAsync(Chosen);
        await (await _service.Client.PutAsync(path, new StringContent(body, Encoding.UTF8, "application/json"))).RefusedAsync(422, "invalid-selection");
        Assert.Equal((1, 1, false, false), State(await _service.GetJsonAsync(path)));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found_and_what_is_too_large_is_not_read()
    {
        foreach (string path in new[] { $"{_scene}/selections/{Guid.NewGuid()}", $"/api/v1/scenes/{Guid.NewGuid()}/selections/{Guid.NewGuid()}" })
        {
            string code = path.StartsWith(_scene, StringComparison.Ordinal) ? "selection-not-found" : "scene-not-found";
            await (await PutAsync(path, new { indices = Chosen })).RefusedAsync(404, code);
            await (await PostEditAsync(path, new { op = "invert" })).RefusedAsync(404, code);
            await (await _service.Client.PostAsync($"{path}/undo", null)).RefusedAsync(404, "selection-not-found");
            await (await _service.Client.PostAsync($"{path}/redo", null)).RefusedAsync(404, "selection-not-found");
            await (await _service.Client.GetAsync($"{path}/revisions")).RefusedAsync(404, "selection-not-found");
        }

        string large = $$$"""{"op":"union","with":{"indices":[{{{string.Join(',', Enumerable.Repeat("1", 150_000))}}}]}}""";
        await (await _service.PostTextAsync($"{await CreateAsync(Chosen)}/edit", large)).RefusedAsync(413, "too-large");
    }

    [Fact]
    public async Task New_Gaussians_end_selections_with_their_history()
    {
        string path = await CreateAsync(Chosen);
        await EditAsync(path, new { op = "invert" });
        (await _service.PutAsync($"{_scene}/gaussians", TwoBlobs.Ply, "again.ply")).Expect(204);
        await (await PostEditAsync(path, new { op = "invert" })).RefusedAsync(404, "selection-not-found");
        await (await _service.Client.GetAsync($"{path}/revisions")).RefusedAsync(404, "selection-not-found");
    }

    private static (int Version, int Revision, bool CanUndo, bool CanRedo) State(JsonElement selection) => (
        selection.GetProperty("version").GetInt32(), selection.GetProperty("revision").GetInt32(),
        selection.GetProperty("canUndo").GetBoolean(), selection.GetProperty("canRedo").GetBoolean());

    private static int[] Indices(JsonElement selection) => [.. selection.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32())];

    private static Action<HttpRequestMessage> IfMatch(string tag) => request => request.Headers.TryAddWithoutValidation("If-Match", tag);

    private async Task<string> CreateAsync(int[] indices) =>
        $"{_scene}/selections/{(await (await _service.PostAsync($"{_scene}/selections", new { name = "a", indices })).JsonAsync(201)).GetProperty("id").GetString()}";

    private async Task<int[]> MembersAsync(string path) => Indices(await _service.GetJsonAsync(path));

    private Task<HttpResponseMessage> PostEditAsync(string path, object edit) => _service.PostAsync($"{path}/edit", edit);

    private async Task<JsonElement> EditAsync(string path, object edit) => await (await PostEditAsync(path, edit)).JsonAsync(200);

    private async Task<JsonElement> StepAsync(string path, string step) =>
        await (await _service.Client.PostAsync($"{path}/{step}", null)).JsonAsync(200);

    private Task<HttpResponseMessage> PutAsync(string path, object members) => _service.Client.PutAsJsonAsync(path, members);

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, Action<HttpRequestMessage> with)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        with(request);
        return _service.Client.SendAsync(request);
    }

    private async Task<long> ResidentBytesAsync() => (await _service.GetJsonAsync("/api/v1/residency")).GetProperty("bytes").GetInt64();
}
