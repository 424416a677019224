using Saga.Persistence.Files;

namespace Saga.Worker;

/// <summary>
/// A disk that is full, read-only or broken, an object store that does not answer: not the job's fault, and somebody will mend it.
/// </summary>
internal static class StorageTrouble
{
    // errno of Linux and macOS, and the system errors of Windows.
    private static readonly HashSet<int> Errors =
    [
        5, 28, 30, 69, 122, unchecked((int)0x80070013), unchecked((int)0x80070027), unchecked((int)0x80070070),
    ];

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Input or output error, no space, read-only, quota; no answer of the object store.</summary>
    public static bool Is(Exception error) => error switch
    {
        StoreUnavailableException => true,
        IOException => Errors.Contains(error.HResult),
        AggregateException { InnerExceptions: [var inner] } => Is(inner),
        _ => false,
    };

    /// <summary>What a job that waits says it is doing.</summary>
    public static string StageOf(Exception error) => error switch
    {
        StoreUnavailableException => "waiting for the file store",
        AggregateException { InnerExceptions: [var inner] } => StageOf(inner),
        _ => "waiting for space on the disk",
    };

    /// <summary>Waits until the store takes a file again; at growing intervals.</summary>
    /// <param name="files">The store.</param>
    /// <param name="round">How often this was waited for before: a store that has room for a little and not for enough is not tried without end.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public static async Task WaitAsync(FileStore files, int round, CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(round, 6));
        do
        {
            await Task.Delay(pause < LongestPause ? pause : LongestPause, cancellationToken);
            pause *= 1.5;
        }
        while (!await IsWritableAsync(files, cancellationToken));
    }

    private static async Task<bool> IsWritableAsync(FileStore files, CancellationToken cancellationToken)
    {
        try
        {
            await files.CheckWritableAsync(cancellationToken);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
