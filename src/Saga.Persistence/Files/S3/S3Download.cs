using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace Saga.Persistence.Files.S3;

/// <summary>
/// Copies an object to a local file, going on after a lost connection, and checks it against the hash that was stored with it.
/// </summary>
internal sealed class S3Download(S3Bucket bucket)
{
    private const int BufferBytes = 1 << 17;

    /// <summary>Connections that may end early before a download is given up; each has to bring some bytes.</summary>
    private const int MostBreaks = 5;

    /// <summary>Without a byte for this long the connection counts as lost.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <param name="key">The file.</param>
    /// <param name="path">Where to; overwritten.</param>
    /// <param name="announce">Told the length before the first byte is written.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or not to the end.</exception>
    /// <exception cref="DamagedFileException">The bytes are others than were stored, twice.</exception>
    public async Task RunAsync(string key, string path, Action<long> announce, CancellationToken cancellationToken)
    {
        try
        {
            await TryAsync(key, path, announce, cancellationToken);
        }
        catch (DamagedFileException)
        {
            // Perhaps on the way: once more, from the beginning.
            await TryAsync(key, path, announce, cancellationToken);
        }
    }

    private async Task TryAsync(string key, string path, Action<long> announce, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes, true);
        string? expected = null;
        long length = -1;
        bool isDoubted = false;
        for (int breaks = 0; file.Position != length; breaks++)
        {
            long start = file.Position;
            try
            {
                using GetObjectResponse answer = await AskAsync(key, start, cancellationToken);
                if (start > 0 && answer.HttpStatusCode != HttpStatusCode.PartialContent)
                {
                    throw new StoreUnavailableException("The object store ended the connection and does not go on where it was (get).");
                }

                length = start + answer.ContentLength;
                if (start == 0)
                {
                    expected = answer.Metadata[S3Upload.Sha256Metadata];
                    announce(length);
                }

                await CopyAsync(answer.ResponseStream, file, hash, cancellationToken);
                if (file.Position != length)
                {
                    throw new StoreUnavailableException("The object store ended the connection (get).");
                }
            }
            catch (StoreUnavailableException) when (file.Position > start && breaks < MostBreaks)
            {
                // What has come is kept; the rest is asked for. With all bytes there it is the client library that doubts them.
                isDoubted = file.Position == length;
            }
        }

        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (string.IsNullOrEmpty(expected) ? isDoubted : expected != found)
        {
            throw new DamagedFileException(key, expected, found);
        }

        // A copy outlives the process, and nothing looks at its bytes again before they are read.
        file.Flush(true);
    }

    private Task<GetObjectResponse> AskAsync(string key, long start, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = bucket.Name, Key = bucket.ObjectOf(key) };
        if (start > 0)
        {
            request.ByteRange = new ByteRange($"bytes={start}-");
        }

        return S3Bucket.AskAsync("get", () => bucket.Client.GetObjectAsync(request, cancellationToken), cancellationToken);
    }

    private static async Task CopyAsync(Stream from, FileStream to, IncrementalHash hash, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                patience.CancelAfter(Silence);
                int read = await S3Bucket.AskAsync("get", () => from.ReadAsync(buffer, patience.Token).AsTask(), cancellationToken);
                if (read == 0)
                {
                    return;
                }

                patience.CancelAfter(Timeout.InfiniteTimeSpan);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                hash.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
