using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Saga.Persistence;
using Saga.Persistence.Jobs;
using Saga.Worker.Observability;

namespace Saga.Api.Observability;

/// <summary>What the database knows of the whole service, looked up every few seconds: the same figures on every node.</summary>
internal sealed class StoreMetrics : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private static readonly JobState[] Active = [JobState.Queued, JobState.Running];

    private readonly SagaDatabase _database;
    private readonly IDbContextFactory<SagaDbContext> _contexts;
    private volatile Snapshot? _latest;

    public StoreMetrics(IMeterFactory meters, SagaDatabase database, IDbContextFactory<SagaDbContext> contexts)
    {
        (_database, _contexts) = (database, contexts);
        Meter meter = meters.Create(Telemetry.Name);
        meter.CreateObservableGauge("saga.scenes", () => Of(latest => latest.Scenes), "{scene}", "Scenes in the catalogue.");
        meter.CreateObservableGauge("saga.store.size", () => Of(latest => latest.Bytes), "By", "Bytes of the files that people uploaded.");
        meter.CreateObservableGauge("saga.jobs", Jobs, "{job}", "Jobs that wait or run, by kind; what to scale workers by.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _database.Ready.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Every);
        do
        {
            try
            {
                _latest = await LookAsync(stoppingToken);
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // No figure rather than an old one; /health/ready says what is wrong with the database.
                _latest = null;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<Snapshot> LookAsync(CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await _contexts.CreateDbContextAsync(cancellationToken);
        var jobs = await db.Jobs.Where(j => j.State == JobState.Queued || j.State == JobState.Running)
            .GroupBy(j => new { j.Kind, j.State })
            .Select(group => new { group.Key.Kind, group.Key.State, Count = group.Count() })
            .ToListAsync(cancellationToken);
        return new Snapshot(
            await db.Scenes.CountAsync(cancellationToken),
            await db.Assets.SumAsync(a => a.Length, cancellationToken),
            jobs.ToDictionary(group => (group.Kind, group.State), group => group.Count));
    }

    private IEnumerable<Measurement<long>> Of(Func<Snapshot, long> figure) =>
        _latest is { } latest ? [new Measurement<long>(figure(latest))] : [];

    private IEnumerable<Measurement<int>> Jobs() => _latest is not { } latest ? [] :
        from kind in JobKinds.All
        from state in Active
        select new Measurement<int>(
            latest.Jobs.GetValueOrDefault((kind, state)),
            new KeyValuePair<string, object?>("kind", kind),
            new KeyValuePair<string, object?>("state", ContractState(state)));

    private static string ContractState(JobState state) => state == JobState.Queued ? "queued" : "running";

    private sealed record Snapshot(int Scenes, long Bytes, IReadOnlyDictionary<(string Kind, JobState State), int> Jobs);
}
