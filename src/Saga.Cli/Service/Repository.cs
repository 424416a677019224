namespace Saga.Cli.Service;

/// <summary>The clone that this program was built in.</summary>
public static class Repository
{
    /// <summary>The nearest folder above this program that holds the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>A path below the root.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SagaService.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("SagaService.sln was not found above this program; run it from a clone.");
    }
}
