using Saga.Persistence.Jobs;

namespace Saga.Api.Scenes;

/// <summary>Tells the catalogue of changes that jobs and other processes make.</summary>
internal sealed class SceneChanges(JobEvents events, SceneCatalog catalog) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using JobEventSubscription subscription = events.Subscribe();
        await foreach (JobEvent change in subscription.ReadAllAsync(stoppingToken))
        {
            catalog.Changed(change.SceneId);
        }
    }
}
