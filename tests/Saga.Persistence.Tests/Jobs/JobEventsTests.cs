using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Persistence.Tests.Jobs;

public sealed class SqliteJobEventsTests : JobEventsTests
{
    protected override string? Connection() => null;

    internal override TestStorage Neighbour(TestStorage storage) => storage;
}

public sealed class PostgresJobEventsTests(PostgresServer server) : JobEventsTests, IClassFixture<PostgresServer>
{
    protected override string? Connection() => server.Require();

    internal override TestStorage Neighbour(TestStorage storage) => new(storage.Options.Database, storage.Folder);

    [Fact]
    public async Task A_listener_catches_up_after_the_database_was_away()
    {
        await using TestStorage storage = await MigratedAsync();
        await using TestStorage other = Neighbour(storage);
        using JobEventSubscription subscription = storage.Events.Subscribe();
        await using IAsyncEnumerator<JobEvent> events = subscription.ReadAllAsync(Soon()).GetAsyncEnumerator();
        Guid scene = Guid.CreateVersion7();
        await other.Events.PublishAsync(null, scene, default);
        Assert.True(await events.MoveNextAsync());

        await server.StopAsync();
        await other.Events.PublishAsync(null, scene, default); // Lost, but does not throw.
        await server.StartAsync();
        Npgsql.NpgsqlConnection.ClearAllPools();
        Guid later = Guid.CreateVersion7();
        await other.Events.PublishAsync(null, later, default);

        do
        {
            Assert.True(await events.MoveNextAsync());
        }
        while (events.Current.SceneId != later);
    }
}

public abstract class JobEventsTests
{
    protected abstract string? Connection();

    /// <summary>The persistence of another process that shares the database, where there can be one.</summary>
    internal abstract TestStorage Neighbour(TestStorage storage);

    [Fact]
    public async Task Every_change_of_a_job_is_heard()
    {
        await using TestStorage storage = await MigratedAsync();
        TestStorage other = Neighbour(storage);
        using JobEventSubscription subscription = storage.Events.Subscribe();
        await using IAsyncEnumerator<JobEvent> events = subscription.ReadAllAsync(Soon()).GetAsyncEnumerator();
        SceneRecord scene = await other.AddSceneAsync();

        JobRecord job = (await other.Jobs.EnqueueAsync(scene.Id, "train", "{}", null, default)).Job!;
        await HearAsync();
        JobLease lease = (await other.Jobs.ClaimAsync(job.Id, _ => false, default))!.Lease;
        await HearAsync();
        await other.Jobs.ReportAsync(lease, new JobProgress("training", 0.5), default);
        await HearAsync();
        await other.Jobs.CancelAsync(job.Id, default);
        await HearAsync();
        await other.Jobs.AcknowledgeCancelAsync(lease, default);
        await HearAsync();
        if (other != storage)
        {
            await other.DisposeAsync();
        }

        async Task HearAsync()
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal(new JobEvent(job.Id, scene.Id), events.Current);
        }
    }

    [Fact]
    public async Task A_slow_reader_hears_of_each_job_once_and_of_none_never()
    {
        await using TestStorage storage = await MigratedAsync();
        using JobEventSubscription subscription = storage.Events.Subscribe();
        Guid[] scenes = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        for (int i = 0; i < 200; i++)
        {
            await storage.Events.PublishAsync(null, scenes[i / 100], default);
        }

        await using IAsyncEnumerator<JobEvent> events = subscription.ReadAllAsync(Soon()).GetAsyncEnumerator();
        int heard = 0;
        do
        {
            Assert.True(await events.MoveNextAsync());
            heard++;
        }
        while (events.Current.SceneId != scenes[1]);

        Assert.InRange(heard, 2, 110);
    }

    internal async Task<TestStorage> MigratedAsync()
    {
        var storage = new TestStorage(Connection());
        await storage.Database.MigrateAsync(default);
        return storage;
    }

    protected static CancellationToken Soon() => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;
}
