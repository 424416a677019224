using Microsoft.EntityFrameworkCore;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;
using Saga.Tests;

namespace Saga.Persistence.Tests.Selections;

public sealed class SqliteSelectionStoreTests : SelectionStoreTests
{
    protected override string? Connection() => null;
}

public sealed class PostgresSelectionStoreTests(PostgresServer server) : SelectionStoreTests, IClassFixture<PostgresServer>
{
    protected override string? Connection() => server.Require();
}

public abstract class SelectionStoreTests : IAsyncLifetime
{
    private const int Bytes = 64;

    private TestStorage _storage = null!;
    private SceneRecord _scene = null!;

    protected abstract string? Connection();

    private SelectionStore Store => _storage.Selections;

    public async ValueTask InitializeAsync()
    {
        _storage = new TestStorage(Connection());
        await _storage.Database.MigrateAsync(default);
        _scene = await _storage.AddSceneAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }
    }

    [Fact]
    public async Task Undoing_and_redoing_walk_through_all_members_there_were()
    {
        Guid id = await AddAsync();
        byte[][] members = [new byte[Bytes], .. Enumerable.Range(1, 6).Select(i => Mask(i))];
        foreach (byte[] next in members.Skip(1))
        {
            await SetAsync(id, next);
        }

        for (int i = members.Length - 2; i >= 0; i--)
        {
            Assert.Equal(members[i], Done(await Store.UndoAsync(_scene.Id, id, default, default)).Bits);
        }

        Assert.Equal(SelectionOutcome.NoRevision, (await Store.UndoAsync(_scene.Id, id, default, default)).Outcome);
        for (int i = 1; i < members.Length; i++)
        {
            SelectionRecord redone = Done(await Store.RedoAsync(_scene.Id, id, default, default));
            Assert.Equal(members[i], redone.Bits);
            Assert.Equal(Count(members[i]), redone.SelectedCount);
        }

        Assert.Equal(SelectionOutcome.NoRevision, (await Store.RedoAsync(_scene.Id, id, default, default)).Outcome);
        Assert.Equal(1 + 3 * (members.Length - 1), (await ReadAsync(id)).Version);
    }

    [Fact]
    public async Task An_edit_after_undoing_ends_what_could_be_redone_and_takes_a_new_number()
    {
        Guid id = await AddAsync();
        await SetAsync(id, Mask(1));
        await SetAsync(id, Mask(2));
        await Store.UndoAsync(_scene.Id, id, default, default);

        SelectionRecord edited = await SetAsync(id, Mask(3));

        Assert.Equal((4, 4), (edited.Revision, edited.LastRevision));
        Assert.Equal([1, 2, 4], await NumbersAsync(id));
        Assert.Equal(SelectionOutcome.NoRevision, (await Store.RedoAsync(_scene.Id, id, default, default)).Outcome);
        Assert.Equal(Mask(1), Done(await Store.UndoAsync(_scene.Id, id, default, default)).Bits);
        Assert.Equal(Mask(3), Done(await Store.RedoAsync(_scene.Id, id, default, default)).Bits);
    }

    [Fact]
    public async Task Members_that_stay_the_same_make_no_revision()
    {
        Guid id = await AddAsync();
        SelectionRecord same = await SetAsync(id, new byte[Bytes]);
        Assert.Equal((1, 1), (same.Version, same.Revision));
        Assert.Equal([1], await NumbersAsync(id));
    }

    [Fact]
    public async Task The_oldest_revisions_leave_by_number()
    {
        Guid id = await AddAsync();
        for (int i = 1; i <= SelectionStore.MaxRevisions + 5; i++)
        {
            await SetAsync(id, Mask(i));
        }

        List<int> numbers = await NumbersAsync(id);
        Assert.Equal(Enumerable.Range(7, SelectionStore.MaxRevisions), numbers);
        for (int i = SelectionStore.MaxRevisions + 4; i >= 6; i--)
        {
            Assert.Equal(Mask(i), Done(await Store.UndoAsync(_scene.Id, id, default, default)).Bits);
        }

        Assert.Equal(SelectionOutcome.NoRevision, (await Store.UndoAsync(_scene.Id, id, default, default)).Outcome);
        await using SagaDbContext db = _storage.Open();
        Assert.Empty((await db.SelectionRevisions.SingleAsync(r => r.SelectionId == id && r.Number == 7)).Delta);
    }

    [Fact]
    public async Task The_oldest_revisions_leave_by_bytes()
    {
        Guid id = await AddAsync(7 << 20);
        byte[][] members = [.. Enumerable.Range(1, 4).Select(i => Mask(i, 7 << 20))];
        foreach (byte[] next in members)
        {
            await SetAsync(id, next);
        }

        // Noise does not compress: two differences fit, and lead back two revisions.
        Assert.Equal([3, 4, 5], await NumbersAsync(id));
        Assert.Equal(members[2], Done(await Store.UndoAsync(_scene.Id, id, default, default)).Bits);
        Assert.Equal(members[1], Done(await Store.UndoAsync(_scene.Id, id, default, default)).Bits);
        Assert.Equal(SelectionOutcome.NoRevision, (await Store.UndoAsync(_scene.Id, id, default, default)).Outcome);
    }

    [Fact]
    public async Task A_change_that_expects_another_version_changes_nothing()
    {
        Guid id = await AddAsync();
        SelectionRecord now = await SetAsync(id, Mask(1));
        var old = new ExpectedVersion([1]);
        long scene = await SceneNumberAsync();

        SelectionWrite[] writes =
        [
            await Store.ReviseAsync(_scene.Id, id, old, "replace", (_, _) => Task.FromResult(Mask(2)), default),
            await Store.UndoAsync(_scene.Id, id, old, default),
            await Store.RedoAsync(_scene.Id, id, old, default),
            await Store.ChangeLookAsync(_scene.Id, id, old, "b", null, true, default),
            await Store.DeleteAsync(_scene.Id, id, old, default),
        ];

        Assert.All(writes, w => Assert.Equal((SelectionOutcome.VersionMismatch, 2), (w.Outcome, w.Selection!.Version)));
        SelectionRecord after = await ReadAsync(id);
        Assert.Equal((now.Version, now.Name, now.Hidden), (after.Version, after.Name, after.Hidden));
        Assert.Equal(now.Bits, after.Bits);
        Assert.Equal(scene, await SceneNumberAsync());

        Assert.Equal(3, Done(await Store.ChangeLookAsync(_scene.Id, id, new ExpectedVersion([9, 2]), "b", null, null, default)).Version);
        Assert.Equal(SelectionOutcome.Done, (await Store.DeleteAsync(_scene.Id, id, new ExpectedVersion([3]), default)).Outcome);
        Assert.Empty(await NumbersAsync(id));
    }

    [Fact]
    public async Task What_does_not_exist_is_missing_and_what_is_of_another_scene_too()
    {
        Guid id = await AddAsync();
        foreach ((Guid scene, Guid selection) in new[] { (_scene.Id, Guid.NewGuid()), (Guid.NewGuid(), id), ((await _storage.AddSceneAsync()).Id, id) })
        {
            SelectionWrite[] writes =
            [
                await Store.ReviseAsync(scene, selection, default, "replace", (_, _) => Task.FromResult(Mask(2)), default),
                await Store.UndoAsync(scene, selection, default, default),
                await Store.ChangeLookAsync(scene, selection, default, "b", null, null, default),
                await Store.DeleteAsync(scene, selection, default, default),
            ];
            Assert.All(writes, w => Assert.Equal(new SelectionWrite(SelectionOutcome.Missing, null), w));
        }

        Assert.Equal(1, (await ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Of_writers_that_expect_the_same_version_one_gets_through()
    {
        Guid id = await AddAsync();
        for (int round = 0; round < 5; round++)
        {
            int version = (await ReadAsync(id)).Version;
            SelectionWrite[] writes = await Task.WhenAll(Enumerable.Range(0, 6).Select(w => Task.Run(() => Store.ReviseAsync(
                _scene.Id, id, new ExpectedVersion([version]), "union", (s, _) => Task.FromResult(WithBit(s.Bits, round * 6 + w)), default))));

            SelectionWrite through = Assert.Single(writes, w => w.Outcome == SelectionOutcome.Done);
            Assert.All(writes.Where(w => w != through), w => Assert.Equal(SelectionOutcome.VersionMismatch, w.Outcome));
            SelectionRecord now = await ReadAsync(id);
            Assert.Equal((version + 1, round + 1), (now.Version, now.SelectedCount));
            Assert.Equal(through.Selection!.Bits, now.Bits);
        }
    }

    [Fact]
    public async Task Without_an_expected_version_parallel_edits_follow_each_other_and_none_is_lost()
    {
        Guid id = await AddAsync();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < 5; i++)
            {
                int bit = writer * 5 + i;
                SelectionWrite write = await Store.ReviseAsync(
                    _scene.Id, id, default, "union", (s, _) => Task.FromResult(WithBit(s.Bits, bit)), default);
                Assert.Equal(SelectionOutcome.Done, write.Outcome);
            }
        })));

        SelectionRecord now = await ReadAsync(id);
        Assert.Equal((30, 31, 31), (now.SelectedCount, now.Revision, now.Version));
        Assert.Equal(Enumerable.Range(1, 31), await NumbersAsync(id));
        for (int left = 29; left >= 0; left--)
        {
            Assert.Equal(left, Done(await Store.UndoAsync(_scene.Id, id, default, default)).SelectedCount);
        }
    }

    [Fact]
    public async Task Edits_while_the_scene_goes_away_end_in_order()
    {
        Guid id = await AddAsync();
        Task[] edits = [.. Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                int bit = w * 10 + i;
                await Store.ReviseAsync(_scene.Id, id, default, "union", (s, _) => Task.FromResult(WithBit(s.Bits, bit)), default);
            }
        }))];
        await using (SagaDbContext db = _storage.Open())
        {
            await db.Scenes.Where(s => s.Id == _scene.Id).ExecuteDeleteAsync();
        }

        await Task.WhenAll(edits);

        await using SagaDbContext after = _storage.Open();
        Assert.Equal(0, await after.Selections.CountAsync());
        Assert.Equal(0, await after.SelectionRevisions.CountAsync());
    }

    [Fact]
    public async Task A_damaged_history_is_said_and_not_tried_for_ever()
    {
        Guid id = await AddAsync();
        await SetAsync(id, Mask(1));
        await using (SagaDbContext db = _storage.Open())
        {
            await db.SelectionRevisions.Where(r => r.Number == 2).ExecuteUpdateAsync(r => r.SetProperty(x => x.Delta, new byte[] { 1, 2, 3 }));
        }

        await Assert.ThrowsAsync<InvalidDataException>(() => Store.UndoAsync(_scene.Id, id, default, default));
        Assert.Equal(Mask(1), (await ReadAsync(id)).Bits);
    }

    [Fact]
    public async Task A_selection_is_kept_only_for_the_Gaussians_that_it_names()
    {
        Assert.False(await Store.AddAsync(New(Bytes), Guid.NewGuid(), default));
        SelectionRecord elsewhere = New(Bytes);
        elsewhere.SceneId = Guid.NewGuid();
        Assert.False(await Store.AddAsync(elsewhere, _scene.Assets[0].Id, default));
        await using SagaDbContext db = _storage.Open();
        Assert.Equal(0, await db.Selections.CountAsync());
    }

    [Fact]
    public async Task Every_change_is_announced_and_counted_in_the_scene()
    {
        using JobEventSubscription events = _storage.Events.Subscribe();
        await using IAsyncEnumerator<JobEvent> changes = events.ReadAllAsync(new CancellationTokenSource(20_000).Token).GetAsyncEnumerator();
        Guid id = Guid.Empty;
        Func<Task>[] writes =
        [
            async () => id = await AddAsync(),
            () => SetAsync(id, Mask(1)),
            () => Store.UndoAsync(_scene.Id, id, default, default),
            () => Store.RedoAsync(_scene.Id, id, default, default),
            () => Store.ChangeLookAsync(_scene.Id, id, default, "b", null, null, default),
            () => Store.DeleteAsync(_scene.Id, id, default, default),
        ];
        for (int i = 0; i < writes.Length; i++)
        {
            await writes[i]();
            Assert.True(await changes.MoveNextAsync());
            Assert.Equal(new JobEvent(null, _scene.Id), changes.Current);
            Assert.Equal(i + 1, await SceneNumberAsync());
        }
    }

    private static byte[] Mask(int seed) => Mask(seed, Bytes);

    private static byte[] Mask(int seed, int bytes)
    {
        byte[] mask = new byte[bytes];
        new Random(seed).NextBytes(mask);
        return mask;
    }

    private static byte[] WithBit(byte[] bits, int bit)
    {
        byte[] with = [.. bits];
        with[bit / 8] |= (byte)(1 << (bit % 8));
        return with;
    }

    private static int Count(byte[] mask) => mask.Sum(b => int.PopCount(b));

    private static SelectionRecord Done(SelectionWrite write)
    {
        Assert.Equal(SelectionOutcome.Done, write.Outcome);
        return write.Selection!;
    }

    private SelectionRecord New(int bytes) => new()
    {
        Id = Guid.CreateVersion7(),
        SceneId = _scene.Id,
        Name = "a",
        Bits = new byte[bytes],
        GaussianCount = 8 * bytes,
        CreatedAt = DateTimeOffset.UtcNow,
    };

    private async Task<Guid> AddAsync(int bytes = Bytes)
    {
        SelectionRecord record = New(bytes);
        Assert.True(await Store.AddAsync(record, _scene.Assets[0].Id, default));
        return record.Id;
    }

    private async Task<SelectionRecord> SetAsync(Guid id, byte[] members) => Done(await Store.ReviseAsync(
        _scene.Id, id, default, "replace", (_, _) => Task.FromResult(members), default));

    private async Task<SelectionRecord> ReadAsync(Guid id)
    {
        await using SagaDbContext db = _storage.Open();
        return await db.Selections.AsNoTracking().SingleAsync(s => s.Id == id);
    }

    private async Task<List<int>> NumbersAsync(Guid id)
    {
        await using SagaDbContext db = _storage.Open();
        return await db.SelectionRevisions.Where(r => r.SelectionId == id).OrderBy(r => r.Number).Select(r => r.Number).ToListAsync();
    }

    private async Task<long> SceneNumberAsync() => (await _storage.ReadSceneAsync(_scene.Id)).SelectionsVersion;
}
