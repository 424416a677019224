using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace Saga.Persistence.Files.S3;

/// <summary>Committed files as objects of a bucket, which is the truth; what is read is copied to this machine first.</summary>
/// <remarks>A put shows the whole object or nothing, so there is no rename. Objects carry the SHA-256 that a copy is checked by.</remarks>
internal sealed class S3Files : ICommittedFiles, IDisposable
{
    /// <summary>Overwritten by every process that asks whether the bucket can be written; no key begins with a dot.</summary>
    private const string Probe = ".probe";

    private const int DeletionsAtOnce = 8;

    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2.5);

    private readonly S3Bucket _bucket;
    private readonly S3Upload _upload;
    private readonly S3Download _download;
    private readonly ObjectCache _cache;

    /// <param name="options">The bucket.</param>
    /// <param name="dataDirectory">Where copies go that the options name no place for.</param>
    public S3Files(S3StorageOptions options, string dataDirectory)
    {
        _bucket = new S3Bucket(options);
        _upload = new S3Upload(_bucket);
        _download = new S3Download(_bucket);
        _cache = new ObjectCache(options.CacheDirectory ?? Path.Combine(dataDirectory, "cache"), options.CacheMaxBytes);
    }

    public async Task CommitAsync(StoredFile file, FileStream staged, CancellationToken cancellationToken)
    {
        // Keys are made for one file each, so nobody else puts the same one between the question and the put.
        if (await FindAsync(file.Key, cancellationToken) is { } there)
        {
            // A process that ended after its put and before its record does the same again.
            if (there.ContentLength == file.Length && there.Metadata[S3Upload.Sha256Metadata] == file.Sha256)
            {
                return;
            }

            throw new IOException($"«{file.Key}» is taken; committed files never change.");
        }

        await Task.Run(() => staged.Flush(true), cancellationToken);
        await _upload.RunAsync(file, staged.Name, cancellationToken);
    }

    /// <summary>The staged bytes have stayed where they are.</summary>
    public async Task<bool> WithdrawAsync(string key, string stagedPath)
    {
        if (!File.Exists(stagedPath))
        {
            return false;
        }

        try
        {
            await DeleteAsync(key, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // No record names it: the sweep's.
        }

        return true;
    }

    public void Discard(string key, string stagedPath) => _cache.Adopt(key, stagedPath);

    public Task<LocalFile> OpenAsync(string key, CancellationToken cancellationToken) => _cache.AcquireAsync(
        key, (path, announce, token) => _download.RunAsync(key, path, announce, token), cancellationToken);

    public async Task CopyAsync(string key, string path, CancellationToken cancellationToken)
    {
        string part = path + ".part";
        await _download.RunAsync(key, part, _ => { }, cancellationToken);
        File.Move(part, path, false);
    }

    public async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is not null;

    public async IAsyncEnumerable<StoreEntry> EntriesAsync(
        string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = _bucket.Name,
            Prefix = folder.Length == 0 ? _bucket.Prefix : $"{_bucket.ObjectOf(folder)}/",
        };
        do
        {
            ListObjectsV2Response page = await S3Bucket.AskAsync(
                "list", () => _bucket.Client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (S3Object found in page.S3Objects ?? [])
            {
                string key = found.Key[_bucket.Prefix.Length..];
                if (FileStore.IsKey(key))
                {
                    yield return new StoreEntry(key, found.LastModified?.ToUniversalTime() ?? DateTime.UtcNow);
                }
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        _cache.Forget(key);
        await S3Bucket.AskAsync(
            "delete", () => _bucket.Client.DeleteObjectAsync(_bucket.Name, _bucket.ObjectOf(key), cancellationToken), cancellationToken);
    }

    /// <summary>One by one: deleting many in a request needs checksums that not every server knows.</summary>
    public async Task DeleteAllAsync(string folder, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = DeletionsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            EntriesAsync(folder, cancellationToken), parallel, async (entry, token) => await DeleteAsync(entry.Key, token));
    }

    public async Task<int> SweepUnfinishedAsync(DateTime before, CancellationToken cancellationToken)
    {
        int aborted = 0;
        var request = new ListMultipartUploadsRequest { BucketName = _bucket.Name, Prefix = _bucket.Prefix };
        ListMultipartUploadsResponse page;
        do
        {
            try
            {
                page = await S3Bucket.AskAsync(
                    "list of unfinished puts",
                    () => _bucket.Client.ListMultipartUploadsAsync(request, cancellationToken),
                    cancellationToken);
            }
            catch (StoreUnavailableException error) when (error.InnerException is AmazonS3Exception { ErrorCode: "NotImplemented" })
            {
                // Such a server tidies up by itself, or its owner does.
                return aborted;
            }

            foreach (MultipartUpload upload in page.MultipartUploads ?? [])
            {
                bool isOld = upload.Initiated?.ToUniversalTime() < before;
                aborted += isOld && await S3Upload.TryAbortAsync(_bucket, upload.Key, upload.UploadId, cancellationToken) ? 1 : 0;
            }

            request.KeyMarker = page.NextKeyMarker;
            request.UploadIdMarker = page.NextUploadIdMarker;
        }
        while (page.IsTruncated == true);
        return aborted;
    }

    public async Task CheckWritableAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ProbePatience);
        var request = new PutObjectRequest
        {
            BucketName = _bucket.Name,
            Key = _bucket.ObjectOf(Probe),
            ContentBody = "The service asks whether it can write here.",
            UseChunkEncoding = false,
        };
        await S3Bucket.AskAsync("put", () => _bucket.Client.PutObjectAsync(request, patience.Token), cancellationToken);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _bucket.Dispose();
    }

    private async Task<GetObjectMetadataResponse?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await S3Bucket.AskAsync(
                "head",
                () => _bucket.Client.GetObjectMetadataAsync(_bucket.Name, _bucket.ObjectOf(key), cancellationToken),
                cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
