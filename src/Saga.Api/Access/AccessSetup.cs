using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.SignalR;
using Saga.Api.Uploads;

namespace Saga.Api.Access;

/// <summary>Who may use the service: keys, scopes, rates, quotas, origins.</summary>
internal static class AccessSetup
{
    /// <summary>What a page of another origin reads of an answer, beside what browsers show it anyway.</summary>
    private static readonly string[] ExposedHeaders =
    [
        "ETag", "Location", "Retry-After", "Content-Disposition", "X-Gaussian-Count", "X-Selected-Count", "Server-Timing",
        TusProtocol.ResumableHeader, TusProtocol.VersionHeader, TusProtocol.ExtensionHeader, TusProtocol.MaxSizeHeader,
        TusProtocol.AlgorithmsHeader, TusProtocol.OffsetHeader, TusProtocol.LengthHeader, TusProtocol.MetadataHeader,
        TusProtocol.ExpiresHeader,
    ];

    /// <summary>How long a browser remembers that an origin may.</summary>
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    public static void AddAccess(this IServiceCollection services, AccessOptions access)
    {
        services.AddSingleton<KeyRing>();
        services.AddSingleton<KeyQuotas>();
        services.AddHostedService<ListenGuard>();
        services.AddSingleton<HubAccess>();
        services.AddHostedService(provider => provider.GetRequiredService<HubAccess>());
        services.Configure<HubOptions>(options => options.AddFilter<HubAccess>());
        services.AddAuthentication(ApiKeyHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
        services.AddAuthorization(AccessPolicies.Add);
        services.AddSingleton<IAuthorizationHandler, AccessPolicies.Handler>();
        services.AddRateLimiter(options => RequestRates.Add(options, access));
        services.AddCors(options => options.AddDefaultPolicy(policy => Open(policy, access)));
    }

    /// <summary>After routing, before whatever is to be guarded.</summary>
    public static void UseAccess(this IApplicationBuilder app)
    {
        app.UseCors();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
    }

    /// <summary>Keys travel in headers, never in cookies, so there are no credentials to allow.</summary>
    private static void Open(CorsPolicyBuilder policy, AccessOptions access) => policy
        .WithOrigins([.. access.AllowedOrigins])
        .AllowAnyHeader()
        .AllowAnyMethod()
        .WithExposedHeaders(ExposedHeaders)
        .SetPreflightMaxAge(PreflightAge);
}
