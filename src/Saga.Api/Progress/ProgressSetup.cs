using Saga.Api.Access;
using Saga.Api.Hosting;

namespace Saga.Api.Progress;

internal static class ProgressSetup
{
    public static void AddProgress(this IServiceCollection services)
    {
        services.AddSignalR(options => options.EnableDetailedErrors = false)
            .AddJsonProtocol(options => ContractJson.Configured(options.PayloadSerializerOptions));
        services.AddSingleton<WatchList>();
        services.AddSingleton<ProgressBroadcaster>();
        services.AddHostedService(provider => provider.GetRequiredService<ProgressBroadcaster>());
    }

    public static void MapProgress(this IEndpointRouteBuilder routes) =>
        routes.MapHub<ProgressHub>("/hubs/progress", hub => hub.CloseOnAuthenticationExpiration = true).OnlyReads().WithoutTimeout();
}
