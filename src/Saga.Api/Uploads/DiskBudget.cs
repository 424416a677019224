using Saga.Api.Hosting;
using Saga.Persistence.Files;

namespace Saga.Api.Uploads;

/// <summary>Keeps uploads from filling the disk that the database, checkpoints and models need as well.</summary>
internal sealed class DiskBudget(FileStore store, SagaOptions options)
{
    /// <summary>Refuses bytes that would bring the disk below what is to stay free.</summary>
    /// <exception cref="RefusedException">507 <c>storage-full</c>.</exception>
    public void RequireRoom(long bytes)
    {
        long room = store.FreeBytes - options.Limits.MinFreeBytes;
        if (bytes > room)
        {
            throw new RefusedException(
                StatusCodes.Status507InsufficientStorage,
                ProblemCodes.StorageFull,
                $"{bytes} bytes are to come and the service's disk has room for {Math.Max(0, room)}: {options.Limits.MinFreeBytes} bytes "
                + "stay free (Saga:Limits:MinFreeBytes). Delete scenes that are no longer needed, or give the data directory more space.");
        }
    }
}
