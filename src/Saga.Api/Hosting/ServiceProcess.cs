namespace Saga.Api.Hosting;

/// <summary>Runs the service and turns what keeps it from starting into one sentence and an exit code.</summary>
internal static class ServiceProcess
{
    private const int CannotStart = 2;

    public static async Task<int> RunAsync(Func<WebApplication> build)
    {
        try
        {
            await using WebApplication app = build();
            await app.StartAsync();
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (StartupException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
        }
        catch (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"The address is in use by another program: {error.Message} Choose another with --urls.");
        }

        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The service cannot start: {error.Message}");
        }

        return CannotStart;
    }
}
