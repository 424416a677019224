using Saga.Api.Exports;
using Saga.Tests;

namespace Saga.Api.Tests.Exports;

/// <summary>Answers that are made faster than they are read.</summary>
public sealed class SpoolTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly Counted _needed = new();

    public void Dispose()
    {
        _folder.Dispose();
        _needed.Dispose();
    }

    [Fact]
    public async Task A_client_that_reads_nothing_holds_nothing_and_gets_everything_in_the_end()
    {
        byte[] all = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 31 / 7))];
        using var client = new SlowClient();
        Task sending = Send(client, async stream =>
        {
            for (int at = 0; at < all.Length; at += 200_000)
            {
                await stream.WriteAsync(all.AsMemory(at, 100_000));
                stream.Write(all.AsSpan(at + 100_000, 100_000));
            }
        });

        Assert.True(SpinWait.SpinUntil(() => _needed.Disposals == 1, Patience));
        Assert.False(sending.IsCompleted);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        client.Go.SetResult();
        await sending;

        Assert.Equal(all, client.ToArray());
        Assert.Equal(1, _needed.Disposals);
    }

    [Fact]
    public async Task What_is_written_first_is_sent_first()
    {
        using var client = new SlowClient();
        client.Go.SetResult();
        var rest = new TaskCompletionSource();
        Task sending = Send(client, async stream =>
        {
            await stream.WriteAsync(new byte[10]);
            await rest.Task;
            await stream.WriteAsync(new byte[5]);
        });

        Assert.True(SpinWait.SpinUntil(() => client.Received == 10, Patience));
        Assert.Equal(0, _needed.Disposals);
        rest.SetResult();
        await sending;
        Assert.Equal(15, client.Received);
    }

    [Fact]
    public async Task A_failure_is_told_after_what_was_written_before_it()
    {
        using var client = new SlowClient();
        client.Go.SetResult();
        Task sending = Send(client, async stream =>
        {
            await stream.WriteAsync(new byte[10]);
            throw new InvalidOperationException("half way");
        });

        Assert.Equal("half way", (await Assert.ThrowsAsync<InvalidOperationException>(() => sending)).Message);
        Assert.Equal((10, 1), (client.Received, _needed.Disposals));
    }

    [Fact]
    public async Task A_client_that_goes_ends_the_writing()
    {
        using var client = new SlowClient();
        using var gone = new CancellationTokenSource();
        Task sending = Spool.SendAsync(
            _folder.Path, client, _ => Task.Delay(Timeout.Infinite, gone.Token), _needed, gone.Token);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(1, _needed.Disposals);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_gives_back_what_was_needed()
    {
        using var client = new SlowClient();

        await Assert.ThrowsAnyAsync<Exception>(
            () => Spool.SendAsync("/dev/null/spool", client, _ => Task.CompletedTask, _needed, CancellationToken.None));

        Assert.Equal(1, _needed.Disposals);
    }

    private Task Send(Stream client, Func<Stream, Task> write) =>
        Spool.SendAsync(_folder.Path, client, write, _needed, CancellationToken.None);

    private sealed class Counted : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }

    private sealed class SlowClient : MemoryStream
    {
        private int _received;

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Received => Volatile.Read(ref _received);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Go.Task.WaitAsync(cancellationToken);
            await base.WriteAsync(buffer, cancellationToken);
            Interlocked.Add(ref _received, buffer.Length);
        }
    }
}
