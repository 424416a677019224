using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Persistence;
using Saga.Persistence.Scenes;

namespace Saga.Api.Tests.Scenes;

/// <summary>When the catalogue asks the database, and when it answers from memory.</summary>
public sealed class SceneCatalogTests : IAsyncLifetime
{
    private readonly SettableTime _time = new();
    private ServiceHost _service = null!;
    private SceneCatalog _catalog = null!;
    private Guid _scene;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHost.StartAsync();
        _scene = Guid.Parse(await _service.CreateReadySceneAsync());
        _catalog = Catalog(_service.Get<IDbContextFactory<SagaDbContext>>());
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_trained_scene_is_asked_for_once_until_a_change_is_announced()
    {
        SceneSnapshot first = await FindAsync();
        await ChangeUnannouncedAsync("another");
        Assert.Same(first, await FindAsync());

        _catalog.Changed(_scene);
        Assert.Equal("another", (await FindAsync()).ModelKey);
    }

    [Fact]
    public async Task A_change_whose_announcement_was_lost_counts_after_the_maximum_age()
    {
        SceneSnapshot first = await FindAsync();
        await ChangeUnannouncedAsync("another");
        _time.Now += SceneCatalog.MaxAge - TimeSpan.FromMilliseconds(1);
        Assert.Same(first, await FindAsync());
        _time.Now += TimeSpan.FromMilliseconds(1);
        Assert.Equal("another", (await FindAsync()).ModelKey);
    }

    [Fact]
    public async Task A_scene_in_training_is_asked_for_each_time_so_that_its_model_counts_from_its_commit_on()
    {
        await ChangeUnannouncedAsync("before", SceneState.Training);
        Assert.Equal("before", (await FindAsync()).ModelKey);
        await ChangeUnannouncedAsync("trained");
        Assert.Equal("trained", (await FindAsync()).ModelKey);
    }

    [Fact]
    public async Task What_was_read_while_the_scene_changed_is_not_remembered()
    {
        SceneCatalog? catalog = null;
        catalog = Catalog(new ContextsThatAreSlow(_service.Get<IDbContextFactory<SagaDbContext>>(), () => catalog!.Changed(_scene)));
        await catalog.FindAsync(_scene, CancellationToken.None);
        await ChangeUnannouncedAsync("another");
        Assert.Equal("another", (await catalog.FindAsync(_scene, CancellationToken.None)).ModelKey);
    }

    [Fact]
    public async Task What_was_read_while_another_scene_changed_stands_in_for_a_database_that_then_goes()
    {
        IDbContextFactory<SagaDbContext> contexts = _service.Get<IDbContextFactory<SagaDbContext>>();
        SceneCatalog? catalog = null;
        bool isDown = false;
        catalog = Catalog(new ContextsThatAreSlow(contexts, () =>
        {
            if (isDown)
            {
                throw new Npgsql.NpgsqlException("Connection refused", new System.Net.Sockets.SocketException(111));
            }

            catalog!.Changed(Guid.NewGuid());
        }));
        SceneSnapshot read = await catalog.FindAsync(_scene, CancellationToken.None);
        isDown = true;

        Assert.Equal(read.ModelKey, (await catalog.FindAsync(_scene, CancellationToken.None)).ModelKey);
        catalog.Forget(_scene);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => catalog.FindAsync(_scene, CancellationToken.None).AsTask());
        Assert.Equal("database-unavailable", refused.Code);
    }

    [Fact]
    public async Task A_forgotten_scene_is_not_found_although_it_was_remembered()
    {
        await FindAsync();
        await using (SagaDbContext db = await _service.Get<IDbContextFactory<SagaDbContext>>().CreateDbContextAsync())
        {
            await db.Scenes.Where(s => s.Id == _scene).ExecuteDeleteAsync();
        }

        _catalog.Forget(_scene);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(FindAsync);
        Assert.Equal("scene-not-found", refused.Code);
    }

    private SceneCatalog Catalog(IDbContextFactory<SagaDbContext> contexts) => new(contexts, _time, NullLogger<SceneCatalog>.Instance);

    private Task<SceneSnapshot> FindAsync() => _catalog.FindAsync(_scene, CancellationToken.None).AsTask();

    private async Task ChangeUnannouncedAsync(string modelKey, SceneState state = SceneState.Ready)
    {
        await using SagaDbContext db = await _service.Get<IDbContextFactory<SagaDbContext>>().CreateDbContextAsync();
        Assert.Equal(1, await db.Scenes.Where(s => s.Id == _scene).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.ModelKey, modelKey).SetProperty(x => x.State, state)));
    }

    private sealed class SettableTime : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private sealed class ContextsThatAreSlow(IDbContextFactory<SagaDbContext> contexts, Action meanwhile) : IDbContextFactory<SagaDbContext>
    {
        public SagaDbContext CreateDbContext()
        {
            meanwhile();
            return contexts.CreateDbContext();
        }
    }
}
