using System.IO.Pipelines;
using Saga.Api.Uploads;

namespace Saga.Api.Tests.Uploads;

public sealed class AttentiveStreamTests
{
    [Fact]
    public async Task A_line_that_dies_after_a_fast_start_is_given_up()
    {
        var line = new Pipe();
        using var end = new CancellationTokenSource();
        await using var stream = new AttentiveStream(line.Reader.AsStream(), TimeSpan.FromMilliseconds(100), end.Cancel);
        byte[] buffer = new byte[1 << 16];
        await line.Writer.WriteAsync(new byte[1 << 14]);
        Assert.Equal(1 << 14, await stream.ReadAsync(buffer, end.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReadAsync(buffer, end.Token).AsTask());
    }

    [Fact]
    public async Task A_line_that_is_slow_and_a_disk_that_is_slower_are_waited_for()
    {
        var line = new Pipe();
        bool isGivenUp = false;
        await using var stream = new AttentiveStream(line.Reader.AsStream(), TimeSpan.FromSeconds(5), () => isGivenUp = true);
        byte[] buffer = new byte[16];
        for (int i = 0; i < 5; i++)
        {
            Task<int> reading = stream.ReadAsync(buffer, default).AsTask();
            await Task.Delay(50);
            await line.Writer.WriteAsync(new byte[] { 1 });
            Assert.Equal(1, await reading);
        }

        // Between two reads nobody waits for the client.
        await using var strict = new AttentiveStream(new MemoryStream([1, 2]), TimeSpan.FromSeconds(1), () => isGivenUp = true);
        Assert.Equal(1, await strict.ReadAsync(buffer.AsMemory(0, 1)));
        await Task.Delay(2000);
        Assert.Equal(1, await strict.ReadAsync(buffer.AsMemory(0, 1)));
        Assert.False(isGivenUp);
    }
}
