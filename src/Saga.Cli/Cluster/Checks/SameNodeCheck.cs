using Saga.Cli.Service;

namespace Saga.Cli.Cluster.Checks;

/// <summary>Gives every node a trained scene, and asks about each scene in several ways: always the same node answers.</summary>
internal static class SameNodeCheck
{
    private const int MostTries = 200;

    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        ClusterClient client = context.Client;
        byte[] model = (await client.GetAsync($"/api/v1/scenes/{context.First}/model", cancellationToken))
            .Require(200, "The model").Body;
        ClusterAnswer click = (await client.PromptAsync(context.First, cancellationToken)).Require(200, "A click");
        var scenes = new List<TrainedScene> { new(context.First, click.Node, click.Body) };
        for (int tries = 0; scenes.Count < context.Cluster.Nodes.Count; tries++)
        {
            CheckFailedException.Unless(tries < MostTries, $"{MostTries} scenes reached only {scenes.Count} nodes.");
            (Guid id, string node) = await CreateAsync(client, cancellationToken);
            if (scenes.Exists(scene => scene.Node == node))
            {
                (await client.SendAsync(HttpMethod.Delete, $"/api/v1/scenes/{id}", null, cancellationToken))
                    .Require(204, "Deleting a scene");
                continue;
            }

            await FillAsync(client, id, model, cancellationToken);
            scenes.Add(new TrainedScene(id, node, click.Body));
        }

        int requests = 0;
        foreach (TrainedScene scene in scenes)
        {
            for (int i = 0; i < 10; i++)
            {
                foreach (ClusterAnswer answer in new[]
                {
                    await client.PromptAsync(scene.Id, cancellationToken),
                    await client.GetAsync($"/api/v1/scenes/{scene.Id}/views?again={i}", cancellationToken),
                    await client.GetAsync($"/api/v1/scenes/{scene.Id}", cancellationToken),
                })
                {
                    answer.Require(200, "A request about a scene");
                    CheckFailedException.Unless(
                        answer.Node == scene.Node, $"{scene.Node} and {answer.Node} answer for scene {scene.Id}.");
                    requests++;
                }
            }
        }

        context.Scenes = scenes;
        return $"{requests} requests about {scenes.Count} scenes, {scenes.Count} nodes";
    }

    private static async Task<(Guid Id, string Node)> CreateAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        ClusterAnswer created = await client.PostAsync("/api/v1/scenes", new { name = "copy" }, cancellationToken);
        Guid id = created.Require(201, "A new scene").Json.GetProperty("id").GetGuid();
        return (id, (await client.GetAsync($"/api/v1/scenes/{id}", cancellationToken)).Require(200, "The new scene").Node);
    }

    private static async Task FillAsync(ClusterClient client, Guid id, byte[] model, CancellationToken cancellationToken)
    {
        foreach ((string path, string file) in new[] { ("gaussians", "gaussians.ply"), ("cameras", "cameras.json") })
        {
            byte[] bytes = await File.ReadAllBytesAsync(Repository.PathOf("samples", "playroom", file), cancellationToken);
            (await client.PutAsync($"/api/v1/scenes/{id}/{path}", bytes, file, cancellationToken)).Require(204, $"Uploading {file}");
        }

        (await client.PutAsync($"/api/v1/scenes/{id}/model", model, "model.saga", cancellationToken)).Require(204, "Uploading the model");
    }
}
