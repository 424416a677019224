using Microsoft.AspNetCore.Http.Timeouts;

namespace Saga.Api.Hosting;

internal static class TimeoutSetup
{
    public static void AddSagaTimeouts(this IServiceCollection services, LimitOptions limits) =>
        services.AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = TimeSpan.FromSeconds(limits.RequestTimeoutSeconds),
            TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        });

    /// <summary>For uploads and downloads, which take as long as the line needs; Kestrel ends those that stall.</summary>
    public static void WithoutTimeout(this IEndpointConventionBuilder builder) => builder.DisableRequestTimeout();
}
