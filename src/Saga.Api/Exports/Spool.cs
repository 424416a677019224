using Microsoft.Win32.SafeHandles;

namespace Saga.Api.Exports;

/// <summary>
/// Sends what is written, through a file without a name: who writes never waits for who reads, so a slow client holds neither a scene in memory nor a thread.
/// </summary>
internal static class Spool
{
    private const int BufferBytes = 64 << 10;

    /// <summary>Writes and sends side by side.</summary>
    /// <param name="folder">Where the file may be.</param>
    /// <param name="body">Receives everything.</param>
    /// <param name="write">Writes everything, on a thread of its own; may write synchronously.</param>
    /// <param name="needed">What writing needs: disposed when all is written, however little of it is sent by then.</param>
    /// <param name="cancellationToken">The client went.</param>
    public static async Task SendAsync(
        string folder, Stream body, Func<Stream, Task> write, IDisposable needed, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = OpenNameless(folder, needed);
        await using var written = new SpoolStream(file);
        Task writing = Task.Run(
            async () =>
            {
                try
                {
                    await write(written);
                }
                finally
                {
                    written.Complete();
                    needed.Dispose();
                }
            },
            CancellationToken.None);
        try
        {
            byte[] buffer = new byte[BufferBytes];
            for (long sent = 0; await written.WaitBeyondAsync(sent, cancellationToken);)
            {
                int read = await RandomAccess.ReadAsync(file, buffer, sent, cancellationToken);
                await body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await body.FlushAsync(cancellationToken);
                sent += read;
            }
        }
        finally
        {
            // The file stays open until nobody writes any more; writers look at the same token.
            await writing.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        await writing;
    }

    private static SafeFileHandle OpenNameless(string folder, IDisposable needed)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, Path.GetRandomFileName());
            SafeFileHandle file = File.OpenHandle(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete,
                FileOptions.Asynchronous | (OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None));
            try
            {
                if (!OperatingSystem.IsWindows())
                {
                    // A process that is killed leaves nothing behind.
                    File.Delete(path);
                }

                return file;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch
        {
            needed.Dispose();
            throw;
        }
    }

    /// <summary>What is written so far, and the end of it.</summary>
    private sealed class SpoolStream(SafeFileHandle file) : Stream
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource _more = New();
        private long _written;
        private bool _complete;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>Completes when there is more than so many bytes, or with false when there will never be.</summary>
        public async Task<bool> WaitBeyondAsync(long sent, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task more;
                lock (_lock)
                {
                    if (_written > sent || _complete)
                    {
                        return _written > sent;
                    }

                    more = _more.Task;
                }

                await more.WaitAsync(cancellationToken);
            }
        }

        public void Complete() => Tell(() => _complete = true);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            RandomAccess.Write(file, buffer, _written);
            int length = buffer.Length;
            Tell(() => _written += length);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await RandomAccess.WriteAsync(file, buffer, _written, cancellationToken);
            Tell(() => _written += buffer.Length);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private void Tell(Action change)
        {
            TaskCompletionSource told;
            lock (_lock)
            {
                change();
                told = _more;
                _more = New();
            }

            told.SetResult();
        }
    }
}
