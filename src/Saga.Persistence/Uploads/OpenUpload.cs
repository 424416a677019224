using System.Buffers;
using System.Security.Cryptography;
using Saga.Persistence.Files;

namespace Saga.Persistence.Uploads;

/// <summary>An upload that nobody else can change until this is disposed.</summary>
public sealed class OpenUpload : IDisposable
{
    private const int CopyBufferBytes = 1 << 17;

    private readonly FileStore _store;
    private readonly UploadFolder _folder;
    private readonly FileStream _lock;
    private bool _removed;

    internal OpenUpload(FileStore store, UploadFolder folder, FileStream held, UploadDescription description)
    {
        _store = store;
        _folder = folder;
        _lock = held;
        Description = description;
    }

    public UploadDescription Description { get; }

    /// <summary>Null where the bytes have become a file of the store already.</summary>
    public UploadStatus? Status => _folder.ReadStatus();

    /// <summary>Appends what comes, durably. Bytes that came before the body broke off are kept.</summary>
    /// <param name="cancellationToken">Ends the reading; what was read is still written.</param>
    /// <exception cref="UploadOverrunException">More came than the upload announced; the request's bytes are dropped.</exception>
    public async Task AppendAsync(Stream body, CancellationToken cancellationToken)
    {
        await using FileStream bytes = OpenAtOffset();
        long start = bytes.Position;
        try
        {
            await CopyAsync(body, bytes, null, cancellationToken);
        }
        catch (UploadOverrunException)
        {
            bytes.SetLength(start);
            throw;
        }
        finally
        {
            bytes.Flush(true);
        }
    }

    /// <summary>Appends what comes if it hashes to what was promised, and nothing otherwise; a broken body cannot be checked.</summary>
    /// <returns>Whether it did.</returns>
    /// <exception cref="UploadOverrunException">More came than the upload announced.</exception>
    public async Task<bool> AppendAsync(Stream body, UploadChecksum checksum, CancellationToken cancellationToken)
    {
        await using FileStream bytes = OpenAtOffset();
        long start = bytes.Position;
        _folder.Mark(start);
        bool isRight = false;
        try
        {
            using var hash = IncrementalHash.CreateHash(checksum.Algorithm);
            await CopyAsync(body, bytes, hash, cancellationToken);
            isRight = CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), checksum.Expected.Span);
        }
        finally
        {
            if (!isRight)
            {
                bytes.SetLength(start);
            }

            bytes.Flush(true);
            _folder.RemoveMark();
        }

        return isRight;
    }

    /// <summary>Hashes the finished upload, to be checked and committed. Uncommitted it stays an upload.</summary>
    public async Task<PendingFile> FinishAsync(CancellationToken cancellationToken)
    {
        FileStream bytes = OpenBytes(FileAccess.ReadWrite);
        try
        {
            string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, cancellationToken));
            return new PendingFile(_store, bytes, sha256, isKept: true);
        }
        catch
        {
            await bytes.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Takes the bytes back from a key of the store: a process that ends after a file's rename and before its record leaves them there.
    /// Only for a key that certainly no record names.
    /// </summary>
    /// <returns>Whether they are back.</returns>
    public Task<bool> TakeBackAsync(string key) => _store.Committed.WithdrawAsync(FileStore.Checked(key), _folder.Bytes);

    /// <summary>Removes the upload when this is disposed.</summary>
    public void Remove() => _removed = true;

    public void Dispose()
    {
        // Windows does not delete a file that is open, so the lock goes first; whoever takes it then finds no description.
        if (_removed)
        {
            _folder.DeleteDescription();
        }

        _lock.Dispose();
        if (_removed)
        {
            _folder.Delete();
        }
    }

    private async Task CopyAsync(Stream body, FileStream bytes, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBufferBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (bytes.Position + read > Description.Length)
                {
                    throw new UploadOverrunException();
                }

                hash?.AppendData(buffer, 0, read);
                await bytes.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Opens the bytes for appending, without those that a killed process had not checked.</summary>
    private FileStream OpenAtOffset()
    {
        long offset = Status?.Offset ?? throw new FileNotFoundException("The upload's bytes are gone.");
        FileStream bytes = OpenBytes(FileAccess.Write);
        bytes.SetLength(offset);
        bytes.Position = offset;
        _folder.RemoveMark();
        return bytes;
    }

    private FileStream OpenBytes(FileAccess access) =>
        new(_folder.Bytes, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete, CopyBufferBytes, true);
}
