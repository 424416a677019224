using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;
using Saga.Tests;

namespace Saga.Persistence.Tests;

public sealed class SqliteDatabaseTests : DatabaseTests
{
    protected override string? Connection() => null;

    [Fact]
    public async Task A_migration_killed_halfway_does_not_block_the_next_start()
    {
        await using var storage = new TestStorage(null);
        await storage.Database.MigrateAsync(default);
        await using (SagaDbContext db = storage.Open())
        {
            // What EF Core leaves behind when its process dies while migrating.
            await db.Database.ExecuteSqlRawAsync(
                "CREATE TABLE IF NOT EXISTS \"__EFMigrationsLock\" (\"Id\" INTEGER PRIMARY KEY, \"Timestamp\" TEXT NOT NULL)");
            await db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2020-01-01')");
        }

        await storage.Database.MigrateAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Sqlite_writes_ahead_and_enforces_references()
    {
        await using var storage = new TestStorage(null);
        await storage.Database.MigrateAsync(default);
        await using SagaDbContext db = storage.Open();

        Assert.Equal("wal", await db.Database.SqlQuery<string>($"SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync());
        Assert.Equal(1, await db.Database.SqlQuery<int>($"SELECT foreign_keys AS Value FROM pragma_foreign_keys").SingleAsync());
    }
}

public sealed class PostgresDatabaseTests(PostgresServer server) : DatabaseTests, IClassFixture<PostgresServer>
{
    protected override string? Connection() => server.Require();
}

public abstract class DatabaseTests
{
    protected abstract string? Connection();

    [Fact]
    public async Task Migrations_make_exactly_the_model()
    {
        await using var storage = new TestStorage(Connection());
        await storage.Database.MigrateAsync(default);
        await using SagaDbContext db = storage.Open();

        Assert.False(db.Database.HasPendingModelChanges(), "The model changed; add a migration for both databases.");
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.True(storage.Database.Ready.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("Initial")]
    [InlineData("SelectionColors")]
    [InlineData("SelectionHistory")]
    public async Task Selections_of_an_older_database_stay_and_can_be_edited(string migration)
    {
        await using var storage = new TestStorage(Connection());
        (Guid scene, Guid id) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (SagaDbContext db = storage.Open())
        {
            // As that version wrote it.
            await db.GetService<IMigrator>().MigrateAsync(migration);
            object at = db is SqliteSagaDbContext ? DateTimeOffset.UtcNow.UtcTicks : DateTimeOffset.UtcNow;
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO scenes (id, name, state, gaussian_count, view_count, mask_count, problems_json, created_at, updated_at, version) VALUES ({scene}, 'room', 'uploaded', 8, 0, 0, '[]', {at}, {at}, 0)");
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO selections (id, scene_id, name, bits, gaussian_count, selected_count, created_at) VALUES ({id}, {scene}, 'old', {new byte[] { 5 }}, 8, 2, {at})");
            if (migration != "Initial")
            {
                await db.Database.ExecuteSqlAsync($"UPDATE selections SET color = '#123456', hidden = {true}");
            }

            if (migration == "SelectionHistory")
            {
                await db.Database.ExecuteSqlAsync(
                    $"INSERT INTO selection_revisions (selection_id, number, operation, selected_count, delta, created_at) VALUES ({id}, 1, 'create', 2, {Array.Empty<byte>()}, {at})");
            }
        }

        await storage.Database.MigrateAsync(default);

        await using SagaDbContext reader = storage.Open();
        SelectionRecord selection = await reader.Selections.AsNoTracking().SingleAsync(s => s.Id == id);
        (string? color, bool hidden) = migration == "Initial" ? (null, false) : ("#123456", true);
        Assert.Equal(("old", color, hidden), (selection.Name, selection.Color, selection.Hidden));
        Assert.Equal((1, 1, 1, 1), (selection.Version, selection.Revision, selection.FirstRevision, selection.LastRevision));
        Assert.Equal([5], selection.Bits);

        SelectionWrite edited = await storage.Selections.ReviseAsync(scene, id, default, "grow", (_, _) => Task.FromResult<byte[]>([7]), default);
        Assert.Equal((SelectionOutcome.Done, 2), (edited.Outcome, edited.Selection!.Revision));
        Assert.Equal([5], (await storage.Selections.UndoAsync(scene, id, default, default)).Selection!.Bits);
        Assert.Equal(["create", "grow"], await reader.SelectionRevisions.OrderBy(r => r.Number).Select(r => r.Operation).ToListAsync());
    }

    [Fact]
    public async Task Several_processes_may_migrate_at_once()
    {
        string? connection = Connection();
        await using var first = new TestStorage(connection);
        await using var second = new TestStorage(connection, first.Folder);
        await using var third = new TestStorage(connection, first.Folder);

        await Task.WhenAll(new[] { first, second, third }.Select(s => Task.Run(() => s.Database.MigrateAsync(default))));

        await first.Database.PingAsync(default);
    }

    [Fact]
    public async Task Times_keep_their_order_and_their_instant()
    {
        await using var storage = new TestStorage(Connection());
        await storage.Database.MigrateAsync(default);
        DateTimeOffset noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
        DateTimeOffset[] times = [noon, noon.AddTicks(10), noon.AddHours(1).ToOffset(TimeSpan.FromHours(-5))];
        await using (SagaDbContext db = storage.Open())
        {
            db.Scenes.AddRange(times.Reverse().Select(t => new SceneRecord { Id = Guid.CreateVersion7(), CreatedAt = t, UpdatedAt = t }));
            await db.SaveChangesAsync();
        }

        await using SagaDbContext reader = storage.Open();
        List<DateTimeOffset> read = await reader.Scenes.OrderBy(s => s.CreatedAt).Select(s => s.CreatedAt).ToListAsync();
        Assert.Equal(times.Select(t => t.UtcTicks), read.Select(t => t.UtcTicks));
        Assert.All(read, t => Assert.Equal(TimeSpan.Zero, t.Offset));
        Assert.Equal(2, await reader.Scenes.CountAsync(s => s.CreatedAt > noon));
    }

    [Fact]
    public async Task A_lost_update_of_a_scene_is_noticed()
    {
        await using var storage = new TestStorage(Connection());
        await storage.Database.MigrateAsync(default);
        SceneRecord scene = await storage.AddSceneAsync();
        await using SagaDbContext mine = storage.Open();
        await using SagaDbContext theirs = storage.Open();
        SceneRecord a = await mine.Scenes.SingleAsync(s => s.Id == scene.Id);
        SceneRecord b = await theirs.Scenes.SingleAsync(s => s.Id == scene.Id);

        (a.Name, a.Version) = ("mine", a.Version + 1);
        await mine.SaveChangesAsync();
        (b.Name, b.Version) = ("theirs", b.Version + 1);

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => theirs.SaveChangesAsync());
    }

    [Fact]
    public async Task States_are_stored_as_the_contract_spells_them()
    {
        await using var storage = new TestStorage(Connection());
        await storage.Database.MigrateAsync(default);
        await storage.AddSceneAsync();
        await using SagaDbContext db = storage.Open();

        Assert.Equal("uploaded", await db.Database.SqlQuery<string>($"SELECT state AS \"Value\" FROM scenes").SingleAsync());
        Assert.Equal("gaussians", await db.Database.SqlQuery<string>($"SELECT kind AS \"Value\" FROM assets").SingleAsync());
    }

    [Fact]
    public async Task A_deleted_scene_takes_its_jobs_and_files_records_along()
    {
        await using var storage = new TestStorage(Connection());
        await storage.Database.MigrateAsync(default);
        SceneRecord scene = await storage.AddSceneAsync();
        await storage.Jobs.EnqueueAsync(scene.Id, "train", "{}", null, default);
        await using SagaDbContext db = storage.Open();

        await db.Scenes.Where(s => s.Id == scene.Id).ExecuteDeleteAsync();

        Assert.Equal(0, await db.Jobs.CountAsync());
        Assert.Equal(0, await db.Assets.CountAsync());
    }
}
