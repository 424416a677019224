using System.Collections.Concurrent;
using System.Diagnostics;

namespace Saga.Cli.Cluster;

/// <summary>Clients that click without pause, each as soon as it has its answer, until stopped.</summary>
public sealed class PromptLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly ClusterClient _client;
    private readonly Task[] _clients;
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private double _slowest;

    /// <summary>Starts clicking.</summary>
    /// <param name="address">Where nginx listens.</param>
    /// <param name="scenes">The scenes, clicked in turn; expected answers with them.</param>
    /// <param name="clients">Clients at once.</param>
    /// <param name="cancellationToken">Stops them as well.</param>
    public PromptLoad(Uri address, IReadOnlyList<TrainedScene> scenes, int clients, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _client = new ClusterClient(address);
        _clients = [.. Enumerable.Range(0, clients).Select(i => Task.Run(() => ClickAsync(scenes, i), CancellationToken.None))];
    }

    /// <summary>Right answers so far.</summary>
    public int Count => _answers.Values.Sum();

    /// <summary>Stops and says what happened.</summary>
    public async Task<PromptLoadResult> StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        return new PromptLoadResult(
            new Dictionary<string, int>(_answers), [.. _failures], Stopwatch.GetElapsedTime(_started).TotalSeconds, _slowest);
    }

    /// <summary>Stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task ClickAsync(IReadOnlyList<TrainedScene> scenes, int first)
    {
        for (int i = first; !_stop.IsCancellationRequested; i++)
        {
            TrainedScene scene = scenes[i % scenes.Count];
            long start = Stopwatch.GetTimestamp();
            try
            {
                // A click that has begun is waited for, so that each one counts.
                ClusterAnswer answer = await _client.PromptAsync(scene.Id, CancellationToken.None);
                answer.Require(200, $"A click on scene {scene.Id}");
                CheckFailedException.Unless(answer.Body.AsSpan().SequenceEqual(scene.Mask), $"{answer.Node} answered with another mask.");
                _answers.AddOrUpdate(answer.Node, 1, (_, count) => count + 1);
            }
            catch (Exception error) when (error is CheckFailedException or HttpRequestException or OperationCanceledException)
            {
                _failures.Enqueue(error.Message);
            }

            _slowest = Math.Max(_slowest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }
}

/// <summary>What a load of clicks met.</summary>
/// <param name="Answers">Right answers of each node.</param>
/// <param name="Failures">Every other outcome.</param>
/// <param name="Seconds">How long it lasted.</param>
/// <param name="SlowestSeconds">The longest that a click took, about.</param>
public sealed record PromptLoadResult(
    IReadOnlyDictionary<string, int> Answers, IReadOnlyList<string> Failures, double Seconds, double SlowestSeconds)
{
    /// <summary>Right answers.</summary>
    public int Count => Answers.Values.Sum();

    /// <exception cref="CheckFailedException">A click failed, or none was answered.</exception>
    public void RequireNoFailure()
    {
        if (Failures.Count > 0)
        {
            throw new CheckFailedException($"{Failures.Count} of {Count + Failures.Count} clicks failed, first: {Failures[0]}");
        }

        CheckFailedException.Unless(Count > 0, "No click was answered.");
    }
}
