namespace Saga.Tests;

/// <summary>Finds the repository and the data that lies beside it.</summary>
internal static class SharedData
{
    /// <summary>The repository's root: the nearest folder above the test binaries that holds the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>A path under <c>samples/playroom</c>, which every clone has.</summary>
    public static string Playroom(params string[] parts) =>
        Path.Combine([RepositoryRoot, "samples", "playroom", .. parts]);

    /// <summary>A path under <c>../shared</c>; the test skips with a reason where it is absent.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([RepositoryRoot, "..", "shared", .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Skip($"shared/{string.Join('/', parts)} is not beside this checkout; it holds golden numbers and real scenes.");
        }

        return path;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SagaService.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("SagaService.sln was not found above the test binaries.");
    }
}
