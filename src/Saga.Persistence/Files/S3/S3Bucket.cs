using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Saga.Persistence.Files.S3;

/// <summary>The client library, set up for any S3-compatible server, and its failures in this project's words.</summary>
internal sealed class S3Bucket : IDisposable
{
    private const int Retries = 4;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    /// <summary>Of one request without a body to receive; a part of an upload that takes longer comes at 55 KB a second.</summary>
    private static readonly TimeSpan RequestPatience = TimeSpan.FromMinutes(5);

    public S3Bucket(S3StorageOptions options)
    {
        Name = options.Bucket;
        Prefix = options.Prefix + '/';
        var config = new AmazonS3Config
        {
            // A server that is not Amazon's rarely has a DNS name for each bucket.
            ForcePathStyle = options.Endpoint is not null,
            AuthenticationRegion = options.Region,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = Retries,
            ConnectTimeout = ConnectPatience,
            Timeout = RequestPatience,

            // Other servers do not know Amazon's newer checksums; the signature covers the SHA-256 of every body.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        Client = options.AccessKey is null
            ? new AmazonS3Client(config)
            : new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config);
    }

    public string Name { get; }

    public IAmazonS3 Client { get; }

    /// <summary>Of every object's name, with the slash at its end.</summary>
    public string Prefix { get; }

    /// <summary>The name of a key's object.</summary>
    public string ObjectOf(string key) => Prefix + key;

    /// <summary>Asks the server; it has retried what may pass by then.</summary>
    /// <param name="what">What is asked, for messages.</param>
    /// <param name="ask">The call.</param>
    /// <param name="cancellationToken">The caller's, also passed to <paramref name="ask"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="StoreUnavailableException">No answer, or a refusal.</exception>
    public static async Task<T> AskAsync<T>(string what, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound && error.ErrorCode != "NoSuchBucket")
        {
            throw new FileNotFoundException("The object store has no such file.", error);
        }
        catch (Exception error) when (Describe(error) is { } reason)
        {
            throw new StoreUnavailableException($"The object store {reason} ({what}).", error);
        }
    }

    /// <summary>What a failure on the way to the server or back says to whoever runs the service; null for other failures.</summary>
    public static string? Describe(Exception error) => error switch
    {
        AmazonServiceException { StatusCode: > 0 } answer => $"answered {(int)answer.StatusCode} {Clean(answer.ErrorCode)}".TrimEnd(),
        OperationCanceledException or TimeoutException => "did not answer in time",
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => $"cannot be reached: {http.HttpRequestError}",
        AuthenticationException => "cannot be trusted: its certificate",
        { InnerException: { } inner } when Describe(inner) is { } reason => reason,
        HttpRequestException or SocketException => "cannot be reached",
        IOException => "ended the connection",
        AmazonClientException => "cannot be asked: no credentials, or a fault of the client library",
        _ => null,
    };

    public void Dispose() => Client.Dispose();

    /// <summary>Codes are words; whatever else a server sends for one is not repeated.</summary>
    private static string Clean(string? code) => code is { Length: < 60 } && code.All(char.IsAsciiLetterOrDigit) ? code : "";
}
