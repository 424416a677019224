using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Persistence.Access;

namespace Saga.Api.Tests.Scenes;

public class SampleSceneTests
{
    [Fact]
    public async Task The_sample_is_a_scene_with_everything_that_training_needs()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        using HttpResponseMessage response = await service.Client.PostAsync("/api/v1/scenes/sample", null);
        JsonElement scene = await response.JsonAsync(201);

        string path = $"/api/v1/scenes/{scene.GetProperty("id").GetString()}";
        Assert.Equal(path, response.Headers.Location!.OriginalString);
        Assert.Equal(("Playroom", "uploaded"), (scene.GetProperty("name").GetString(), scene.GetProperty("state").GetString()));
        Assert.Equal((181_800, 60), (scene.GetProperty("gaussianCount").GetInt32(), scene.GetProperty("viewCount").GetInt32()));
        Assert.True(scene.GetProperty("maskCount").GetInt32() > 1000);
        Assert.Equal(0, scene.GetProperty("problems").GetArrayLength());
        JsonElement views = await service.GetJsonAsync($"{path}/views");
        Assert.All(views.EnumerateArray(), view => Assert.True(view.GetProperty("hasImage").GetBoolean()));

        // Each click on «sample» is a scene of its own.
        Assert.NotEqual(path, (await service.Client.PostAsync("/api/v1/scenes/sample", null)).Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_program_without_the_sample_says_what_to_do()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        var nothing = new SampleScene(Path.Combine(service.Folder, "no-such-folder"));

        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(
            () => nothing.CreateAsync(service.Get<AssetUploads>(), Owner.Nobody, CancellationToken.None));

        Assert.Equal((404, ProblemCodes.SampleMissing), (refused.Status, refused.Code));
        Assert.Contains("POST /api/v1/scenes", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32());
    }
}
