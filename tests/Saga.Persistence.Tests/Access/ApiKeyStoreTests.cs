using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Saga.Persistence.Access;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Persistence.Tests.Access;

public sealed class SqliteApiKeyStoreTests : ApiKeyStoreTests
{
    protected override string? Connection() => null;
}

public sealed class PostgresApiKeyStoreTests(PostgresServer server) : ApiKeyStoreTests, IClassFixture<PostgresServer>
{
    protected override string? Connection() => server.Require();
}

public abstract class ApiKeyStoreTests : IAsyncLifetime
{
    private TestStorage _storage = null!;

    protected abstract string? Connection();

    public async ValueTask InitializeAsync()
    {
        _storage = new TestStorage(Connection());
        await _storage.Database.MigrateAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _storage.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_kept_as_a_hash_and_found_by_its_public_part()
    {
        DateTimeOffset until = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        string text = await _storage.ApiKeys.AddAsync(
            new ApiKeyRecord
            {
                Name = "robot",
                Scope = ApiKeyScope.Write,
                ExpiresAt = until,
                RequestsPerMinute = 60,
                MaxBytes = 1L << 40,
                MaxScenes = 3,
                MaxJobs = 2,
            },
            default);

        ApiKeyRecord key = Assert.Single(await _storage.ApiKeys.ListAsync(default));
        Assert.Equal(("robot", ApiKeyScope.Write, until), (key.Name, key.Scope, key.ExpiresAt));
        Assert.Equal((60, 1L << 40, 3, 2), (key.RequestsPerMinute, key.MaxBytes, key.MaxScenes, key.MaxJobs));
        Assert.True(ApiKeyText.TryReadId(text, out string? id));
        Assert.Equal(key.Id, id);
        Assert.True(ApiKeyText.Matches(text, key.Hash));
        Assert.False(ApiKeyText.Matches(text[..^1] + (text[^1] == 'A' ? 'B' : 'A'), key.Hash));
        Assert.Null(key.LastUsedAt);

        // Nothing of the secret is anywhere in the table.
        await using SagaDbContext db = _storage.Open();
        string scope = await db.Database.SqlQuery<string>($"SELECT scope AS \"Value\" FROM api_keys").SingleAsync();
        Assert.Equal("write", scope);
        Assert.Equal(32, key.Hash.Length);
        Assert.DoesNotContain(text[^43..], key.Id + key.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_stays_listed_and_keeps_the_time_of_its_first_revocation()
    {
        string id = await AddAsync();
        Assert.True((await OnlyAsync()).IsActive(DateTimeOffset.UtcNow));

        Assert.True(await _storage.ApiKeys.RevokeAsync(id, default));
        DateTimeOffset? revoked = (await OnlyAsync()).RevokedAt;
        Assert.True(await _storage.ApiKeys.RevokeAsync(id, default));

        Assert.NotNull(revoked);
        Assert.Equal(revoked, (await OnlyAsync()).RevokedAt);
        Assert.False((await OnlyAsync()).IsActive(DateTimeOffset.UtcNow));
        Assert.False(await _storage.ApiKeys.RevokeAsync("000000000000", default));
    }

    [Fact]
    public async Task Its_last_use_is_noted()
    {
        string id = await AddAsync();
        await _storage.ApiKeys.TouchAsync(id, default);
        Assert.InRange((await OnlyAsync()).LastUsedAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Of_many_jobs_asked_for_at_once_no_more_than_allowed_are_queued()
    {
        var owner = new Owner(await AddAsync(), MaxJobs: 2);
        var scenes = new List<SceneRecord>();
        for (int i = 0; i < 6; i++)
        {
            scenes.Add(await _storage.AddSceneAsync(key: $"scenes/{i}/gaussians.ply"));
        }

        bool[] queued = await Task.WhenAll(scenes.Select(scene => Task.Run(() => TryEnqueueAsync(scene.Id, owner))));

        Assert.Equal(2, queued.Count(done => done));
        await using SagaDbContext db = _storage.Open();
        Assert.Equal(2, await db.Jobs.CountAsync());
        Assert.Equal(2, await db.Scenes.CountAsync(scene => scene.State == SceneState.Training));

        // A place is free again when one of them is over; jobs of others do not count.
        await _storage.Jobs.CancelAsync(await db.Jobs.Select(job => job.Id).FirstAsync(), default);
        Guid free = await db.Scenes.Where(scene => !db.Jobs.Any(job => job.SceneId == scene.Id)).Select(scene => scene.Id).FirstAsync();
        Assert.True(await TryEnqueueAsync(free, owner));
        Guid other = await db.Scenes.Where(scene => !db.Jobs.Any(job => job.SceneId == scene.Id)).Select(scene => scene.Id).FirstAsync();
        Assert.Equal(EnqueueOutcome.Created, (await _storage.Jobs.EnqueueAsync(other, "train", "{}", null, default)).Outcome);
    }

    [Fact]
    public async Task What_an_older_database_holds_belongs_to_nobody()
    {
        await using var older = new TestStorage(Connection());
        (Guid scene, Guid job) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (SagaDbContext db = older.Open())
        {
            await db.GetService<IMigrator>().MigrateAsync("SelectionHistory");
            object at = db is SqliteSagaDbContext ? DateTimeOffset.UtcNow.UtcTicks : DateTimeOffset.UtcNow;
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO scenes
                    (id, name, state, gaussian_count, view_count, mask_count, problems_json, created_at, updated_at, version)
                VALUES ({scene}, 'room', 'uploaded', 8, 0, 0, '[]', {at}, {at}, 0)
                """);
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO jobs
                    (id, scene_id, kind, state, stage, progress, iteration, iterations, queued_at, attempt, cancel_requested, options_json)
                VALUES ({job}, {scene}, 'train', 'queued', 'queued', 0, 0, 0, {at}, 0, {false}, '[]')
                """);
        }

        await older.Database.MigrateAsync(default);

        await using SagaDbContext reader = older.Open();
        Assert.Null((await reader.Scenes.SingleAsync(s => s.Id == scene)).OwnerKeyId);
        Assert.Null((await reader.Jobs.SingleAsync(j => j.Id == job)).OwnerKeyId);
        Assert.Empty(await older.ApiKeys.ListAsync(default));
    }

    private async Task<bool> TryEnqueueAsync(Guid sceneId, Owner owner)
    {
        try
        {
            return (await _storage.Jobs.EnqueueAsync(sceneId, "train", "{}", null, owner, default)).Outcome == EnqueueOutcome.Created;
        }
        catch (QuotaExceededException error)
        {
            Assert.Equal((QuotaKind.Jobs, 2), (error.Kind, error.Allowed));
            return false;
        }
    }

    private async Task<string> AddAsync()
    {
        await _storage.ApiKeys.AddAsync(new ApiKeyRecord { Name = "one" }, default);
        return (await OnlyAsync()).Id;
    }

    private async Task<ApiKeyRecord> OnlyAsync() => Assert.Single(await _storage.ApiKeys.ListAsync(default));
}
