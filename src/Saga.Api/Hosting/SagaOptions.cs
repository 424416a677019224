using Saga.Api.Access;
using Saga.Engine.Onnx;
using Saga.Persistence;
using Saga.Persistence.Files.S3;
using Saga.Worker;
using Saga.Worker.Compute;
using Saga.Worker.Observability;

namespace Saga.Api.Hosting;

/// <summary>The section <c>Saga</c> of the configuration; environment variables spell it <c>Saga__DataDirectory</c> and so on.</summary>
internal sealed record SagaOptions
{
    /// <summary>Holds the database and the file store; a folder <c>data</c> beside the program unless given.</summary>
    public string DataDirectory { get; init; } = Path.Combine(AppContext.BaseDirectory, "data");

    /// <summary>A PostgreSQL connection string; absent: SQLite in the data directory.</summary>
    public string? Database { get; init; }

    /// <summary>How lines of the log look: <c>text</c> for people, <c>json</c> for programs.</summary>
    public LogFormat LogFormat { get; init; }

    public WorkerOptions Worker { get; init; } = new();

    public ModelOptions Models { get; init; } = new();

    public ResidencyOptions Residency { get; init; } = new();

    /// <summary>The compute device; absent: a graphics processor where there is one that can be used.</summary>
    public ComputeOptions Compute { get; init; } = new();

    public LimitOptions Limits { get; init; } = new();

    public AccessOptions Access { get; init; } = new();

    public SagaWorkerOptions WorkerOptions => new()
    {
        Enabled = Worker.Enabled,
        ModelsDirectory = Models.Directory ?? Path.Combine(DataDirectory, ModelFolder.DefaultDirectory),
    };

    /// <summary>Where answers wait for clients that read slowly, in files without names.</summary>
    public string SpoolDirectory => Path.Combine(DataDirectory, "spool");

    internal SagaStorageOptions Storage => new() { DataDirectory = DataDirectory, Database = Database, S3 = S3 };

    /// <summary>Read by itself, as the worker and the command line read it.</summary>
    internal S3StorageOptions? S3 { get; init; }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="StartupException">Names the setting, what was found and what was expected.</exception>
    public static SagaOptions Read(IConfiguration configuration)
    {
        SagaOptions options;
        try
        {
            options = configuration.GetSection("Saga").Get<SagaOptions>() ?? new SagaOptions();
        }
        catch (InvalidOperationException error)
        {
            throw new StartupException($"A setting of the section Saga cannot be read: {error.Message}", error);
        }

        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            throw new StartupException("Saga:DataDirectory is empty; give a folder, or leave it out for a folder «data» beside the program.");
        }

        if (options.Residency.MaxBytes is < 0)
        {
            throw new StartupException(
                $"Saga:Residency:MaxBytes is {options.Residency.MaxBytes}; give a positive number of bytes, or leave it out for half of the memory.");
        }

        if (options.Compute.Problem is { } problem)
        {
            throw new StartupException(problem);
        }

        options.Limits.Check();
        options.Access.Check();
        return options with
        {
            DataDirectory = CreateFolder(options.DataDirectory),
            Database = string.IsNullOrWhiteSpace(options.Database) ? null : options.Database,
            S3 = ReadS3(configuration),
        };
    }

    private static S3StorageOptions? ReadS3(IConfiguration configuration)
    {
        try
        {
            return S3StorageOptions.Read(name => configuration[$"{S3StorageOptions.Section}:{name}"]);
        }
        catch (ArgumentException error)
        {
            throw new StartupException(error.Message, error);
        }
    }

    private static string CreateFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(Path.GetFullPath(path)).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StartupException($"Saga:DataDirectory «{path}» cannot be created: {error.Message}", error);
        }
    }
}

/// <summary>The worker inside this process.</summary>
internal sealed record WorkerOptions
{
    /// <summary>False where workers are processes of their own.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>Models that whoever runs the service has installed.</summary>
internal sealed record ModelOptions
{
    /// <summary>Their folder; absent: <c>models</c> in the data directory.</summary>
    public string? Directory { get; init; }
}

/// <summary>How much memory scenes may hold between prompts.</summary>
internal sealed record ResidencyOptions
{
    /// <summary>Bytes; absent or 0: half of the memory that this process may use.</summary>
    public long? MaxBytes { get; init; }

    public long Budget => MaxBytes is > 0 ? MaxBytes.Value : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
}
