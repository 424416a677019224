using Microsoft.AspNetCore.Http.Features;

namespace Saga.Api.Hosting;

/// <summary>For answers that are written by code that knows no other way: the engine, and the framework's zip between two entries.</summary>
internal static class SynchronousWrites
{
    /// <summary>Lets this one answer be written so; a slow reader then holds a thread of the pool.</summary>
    public static void AllowSynchronousWrites(this HttpContext context)
    {
        if (context.Features.Get<IHttpBodyControlFeature>() is { } control)
        {
            control.AllowSynchronousIO = true;
        }
    }
}
