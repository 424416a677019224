using Saga.Api.Hosting;
using Saga.Persistence;
using Saga.Persistence.Access;

namespace Saga.Api.Access;

/// <summary>Lets the service listen where strangers reach it only with a key that they would need.</summary>
/// <remarks>
/// After the database's start and before the server's. Where the database does not answer yet, the service starts: until the keys can
/// be read it refuses everybody, and without keys it serves nobody but its own machine.
/// </remarks>
internal sealed class ListenGuard(
    IConfiguration configuration, SagaDatabase database, ApiKeyStore keys, TimeProvider time) : IHostedService
{
    /// <summary>A server that is still away after this may stay so for long; /health/ready is to say so meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <exception cref="StartupException">An address that other machines could reach, and no active key.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string? open = ListenAddresses.Configured(configuration).FirstOrDefault(address => !ListenAddresses.IsLoopback(address));
        if (open is null)
        {
            return;
        }

        // A busy machine migrates slowly; that is no reason to open the door unasked.
        await Task.WhenAny(database.Ready, Task.Delay(Patience, cancellationToken));
        if (database.Ready.IsCompletedSuccessfully
            && !(await keys.ListAsync(cancellationToken)).Any(key => key.IsActive(time.GetUtcNow())))
        {
            throw new StartupException(
                $"Refusing to listen on {open}: without API keys this service listens on loopback only, such as {ListenAddresses.Default}. "
                + "Make a key first: ./run keys create NAME.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
