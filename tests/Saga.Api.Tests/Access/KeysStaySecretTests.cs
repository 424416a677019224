using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Logging;
using Saga.Persistence.Access;

namespace Saga.Api.Tests.Access;

public sealed class KeysStaySecretTests
{
    [Fact]
    public async Task No_key_is_in_the_log_at_any_level_nor_in_a_trace_nor_in_an_answer()
    {
        (ServiceHost service, string key) = await KeyedService.StartAsync(
            "Logging:LogLevel:Default=Trace", "Logging:LogLevel:Microsoft=Trace", "Logging:LogLevel:Microsoft.AspNetCore=Trace");
        await using ServiceHost owned = service;
        using var log = new Capture();
        service.Get<ILoggerFactory>().AddProvider(log);
        using var traces = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => log.Lines.Enqueue(
                $"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)}"),
        };
        ActivitySource.AddActivityListener(traces);

        string unknown = ApiKeyText.Create();
        foreach (string sent in new[] { key, unknown })
        {
            using HttpClient client = service.ClientWith(sent);
            log.Lines.Enqueue(await (await client.GetAsync("/api/v1/scenes/not-a-guid")).Content.ReadAsStringAsync());
            log.Lines.Enqueue(await (await client.DeleteAsync("/api/v1/scenes")).Content.ReadAsStringAsync());
            await using HubConnection hub = new HubConnectionBuilder().WithUrl(
                $"{service.Address}/hubs/progress?access_token={sent}",
                options => (options.SkipNegotiation, options.Transports) = (true, HttpTransportType.WebSockets)).Build();
            await Record.ExceptionAsync(() => hub.StartAsync());
        }

        // It did listen.
        Assert.Contains(log.Lines, line => line.Contains("AuthenticationScheme: ApiKey", StringComparison.Ordinal));
        foreach (string secret in new[] { key[18..], unknown[18..] })
        {
            Assert.DoesNotContain(log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_wrong_key_takes_the_same_path_whether_or_not_its_public_part_is_known()
    {
        // The comparison itself is the framework's; here is pinned that it is always made, over the whole hash.
        string key = ApiKeyText.Create();
        byte[] hash = ApiKeyText.Hash(key);
        Assert.Equal(32, hash.Length);
        Assert.True(ApiKeyText.Matches(key, hash));
        for (int i = 0; i < hash.Length; i++)
        {
            byte[] other = [.. hash];
            other[i] ^= 1;
            Assert.False(ApiKeyText.Matches(key, other));
        }

        Assert.False(ApiKeyText.Matches(key, new byte[32]));
    }

    private sealed class Capture : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
