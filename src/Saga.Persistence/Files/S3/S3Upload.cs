using Amazon.S3.Model;

namespace Saga.Persistence.Files.S3;

/// <summary>Puts a local file into the bucket: in one request, or in parts that become visible together.</summary>
internal sealed class S3Upload(S3Bucket bucket)
{
    /// <summary>Name of the metadata that a download is checked by.</summary>
    public const string Sha256Metadata = "x-amz-meta-sha256";

    /// <summary>Up to this length in one request.</summary>
    private const long OnePutBytes = 64L << 20;

    private const long PartBytes = 16L << 20;

    /// <summary>The protocol's limit.</summary>
    private const int MostParts = 10_000;

    private const int PartsAtOnce = 4;

    /// <exception cref="StoreUnavailableException">Nothing is visible then.</exception>
    public async Task RunAsync(StoredFile file, string path, CancellationToken cancellationToken)
    {
        if (file.Length > OnePutBytes)
        {
            await PutPartsAsync(file, path, cancellationToken);
            return;
        }

        await using FileStream bytes = Open(path);
        var request = new PutObjectRequest
        {
            BucketName = bucket.Name,
            Key = bucket.ObjectOf(file.Key),
            InputStream = bytes,
            AutoCloseStream = false,
            UseChunkEncoding = false,
        };
        request.Metadata.Add(Sha256Metadata, file.Sha256);
        await S3Bucket.AskAsync("put", () => bucket.Client.PutObjectAsync(request, cancellationToken), cancellationToken);
    }

    private async Task PutPartsAsync(StoredFile file, string path, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = bucket.ObjectOf(file.Key) };
        begin.Metadata.Add(Sha256Metadata, file.Sha256);
        InitiateMultipartUploadResponse begun = await S3Bucket.AskAsync(
            "begin of a put in parts", () => bucket.Client.InitiateMultipartUploadAsync(begin, cancellationToken), cancellationToken);
        try
        {
            PartETag[] parts = await PutPartsAsync(file, path, begun.UploadId, cancellationToken);
            var end = new CompleteMultipartUploadRequest
            {
                BucketName = bucket.Name,
                Key = bucket.ObjectOf(file.Key),
                UploadId = begun.UploadId,
                PartETags = [.. parts],
            };
            await S3Bucket.AskAsync(
                "end of a put in parts", () => bucket.Client.CompleteMultipartUploadAsync(end, cancellationToken), cancellationToken);
        }
        catch (FileNotFoundException error)
        {
            // Perhaps it was completed and the answer was lost; who commits the same again finds it then.
            throw new StoreUnavailableException("The object store knows nothing of a put in parts that was begun.", error);
        }
        catch
        {
            await TryAbortAsync(bucket, bucket.ObjectOf(file.Key), begun.UploadId, CancellationToken.None);
            throw;
        }
    }

    private async Task<PartETag[]> PutPartsAsync(StoredFile file, string path, string upload, CancellationToken cancellationToken)
    {
        long partBytes = Math.Max(PartBytes, (file.Length + MostParts - 1) / MostParts);
        var parts = new PartETag[(int)((file.Length + partBytes - 1) / partBytes)];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, parts.Length), parallel, async (index, token) =>
        {
            await using FileStream bytes = Open(path);
            bytes.Position = index * partBytes;
            var request = new UploadPartRequest
            {
                BucketName = bucket.Name,
                Key = bucket.ObjectOf(file.Key),
                UploadId = upload,
                PartNumber = index + 1,
                PartSize = Math.Min(partBytes, file.Length - bytes.Position),
                InputStream = bytes,
                UseChunkEncoding = false,
            };
            UploadPartResponse part = await S3Bucket.AskAsync(
                "put of a part", () => bucket.Client.UploadPartAsync(request, token), token);
            parts[index] = new PartETag(index + 1, part.ETag);
        });
        return parts;
    }

    /// <summary>Gives up a put in parts; where the server does not answer, the sweep does it another time.</summary>
    /// <returns>Whether it is given up.</returns>
    public static async Task<bool> TryAbortAsync(S3Bucket bucket, string name, string upload, CancellationToken cancellationToken)
    {
        var request = new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = name, UploadId = upload };
        try
        {
            await S3Bucket.AskAsync(
                "end of a put", () => bucket.Client.AbortMultipartUploadAsync(request, cancellationToken), cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 17, true);
}
