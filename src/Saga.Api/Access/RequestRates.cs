using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Saga.Api.Hosting;

namespace Saga.Api.Access;

/// <summary>How many requests a key may send: a minute's worth at once, then evenly. Who has no key shares what its address may.</summary>
internal static class RequestRates
{
    public static void Add(RateLimiterOptions options, AccessOptions access)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Caller>(context => Partition(context, access));
        options.OnRejected = async (context, _) => await RefuseAsync(context);
    }

    private static RateLimitPartition<Caller> Partition(HttpContext context, AccessOptions access)
    {
        Caller caller = context.Features.Get<CurrentKey>() is { } key ? new Caller(key.Id, key.RequestsPerMinute)

            // On this machine and without keys nobody is counted.
            : context.User.Identity?.IsAuthenticated == true ? new Caller("", 0)

            // Guesses at keys: they are refused anyway, and more of them than this not even looked at.
            : new Caller(context.Connection.RemoteIpAddress?.ToString() ?? "", access.RequestsPerMinute);
        return caller.PerMinute == 0
            ? RateLimitPartition.GetNoLimiter(caller)
            : RateLimitPartition.GetTokenBucketLimiter(caller, Bucket);
    }

    private static TokenBucketRateLimiterOptions Bucket(Caller caller)
    {
        // At most one refill a second, each of a whole number.
        int perPeriod = (int)Math.Ceiling(caller.PerMinute / 60.0);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = caller.PerMinute,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = TimeSpan.FromMinutes(perPeriod / (double)caller.PerMinute),
            QueueLimit = 0,
        };
    }

    private static Task RefuseAsync(OnRejectedContext rejected)
    {
        HttpContext context = rejected.HttpContext;
        int perMinute = context.Features.Get<CurrentKey>()?.RequestsPerMinute
            ?? context.RequestServices.GetRequiredService<SagaOptions>().Access.RequestsPerMinute;
        TimeSpan wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromSeconds(1);
        int seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problems.WriteAsync(
            context,
            StatusCodes.Status429TooManyRequests,
            ProblemCodes.RateLimited,
            $"More than {perMinute} requests a minute came; try again in {seconds} s, or ask for a key with a higher limit.");
    }

    /// <summary>A changed limit is another bucket.</summary>
    private readonly record struct Caller(string Who, int PerMinute);
}
