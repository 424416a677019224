namespace Saga.Persistence.Files;

/// <summary>A committed file on this machine's disk, to be read by its path until this is disposed.</summary>
public sealed class LocalFile : IDisposable
{
    private Action? _release;

    internal LocalFile(string path, Action? release = null)
    {
        Path = path;
        _release = release;
    }

    /// <summary>Absolute. Open it for reading only: committed files never change.</summary>
    public string Path { get; }

    /// <summary>Lets the file go: where it is a copy, it may now make room for others.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
