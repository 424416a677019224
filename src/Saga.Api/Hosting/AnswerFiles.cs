using Saga.Persistence.Files;

namespace Saga.Api.Hosting;

/// <summary>Files of the store that an answer is written from.</summary>
internal static class AnswerFiles
{
    /// <summary>Gets a committed file to this machine and keeps it there until the answer is written.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> OpenForAnswerAsync(this FileStore store, string key, HttpContext context)
    {
        LocalFile file = await store.OpenAsync(key, context.RequestAborted);
        context.Response.RegisterForDispose(file);
        return file.Path;
    }
}
