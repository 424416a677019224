using Microsoft.Extensions.Logging.Console;

namespace Saga.Api.Hosting;

/// <summary>How the web host itself is set up: server limits, log, JSON, problem details.</summary>
internal static class HostSetup
{
    /// <summary>A prompt of 256 points is 20 kB. Uploads and selections raise this limit themselves.</summary>
    private const long MaxBodyBytes = 1 << 20;

    /// <summary>Bytes of an answer that may wait for a slow reader: the mask of eight million Gaussians is handed over at once.</summary>
    private const long MaxWaitingBytes = 1 << 20;

    public static void UseSagaKestrel(this WebApplicationBuilder builder, LimitOptions limits) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxResponseBufferSize = MaxWaitingBytes;
            kestrel.Limits.MaxRequestBodySize = Math.Min(MaxBodyBytes, limits.MaxJsonBytes);
        });

    public static void UseSagaLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();

        // Below a warning it writes whole addresses, and the hub's may hold a key.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }

    public static void AddContractJson(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => ContractJson.Configured(json.SerializerOptions));

        // Swashbuckle reads enum and casing rules from these.
        services.Configure<Microsoft.AspNetCore.Mvc.JsonOptions>(json => ContractJson.Configured(json.JsonSerializerOptions));
    }

    public static void AddSagaProblems(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
    }

    public static void UseSagaProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => Problems.DescribeStatusAsync(context.HttpContext));
    }
}
