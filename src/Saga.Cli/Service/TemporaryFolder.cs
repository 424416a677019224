namespace Saga.Cli.Service;

/// <summary>A folder of this run alone, removed with everything in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("saga-").FullName;

    /// <summary>Removes it.</summary>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
