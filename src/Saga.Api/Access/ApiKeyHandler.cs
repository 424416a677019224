using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Saga.Api.Hosting;
using Saga.Persistence.Access;

namespace Saga.Api.Access;

/// <summary>Reads the key of a request; where the service has none, whoever is on this machine may do everything.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, KeyRing keys, SagaOptions saga)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string SchemeName = "ApiKey";

    public const string HeaderName = "X-Api-Key";

    private const string BearerPrefix = "Bearer ";

    /// <summary>SignalR's name for it: a browser cannot give a web socket headers.</summary>
    private const string QueryName = "access_token";

    private const string HubRoot = "/hubs";

    private (int Status, string Code, string Detail) _refusal;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // What is open to all must not wait for the keys: /health/live is true also while the database is away.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return AuthenticateResult.NoResult();
        }

        KeyAnswer answer = await keys.JudgeAsync(Presented(), Context.RequestAborted);
        if (answer.Key is { } key)
        {
            Context.Features.Set(new CurrentKey(key, saga.Access));
            return Granted(key.Scope, key.Id, key.ExpiresAt);
        }

        if (answer.Outcome == KeyOutcome.NotNeeded)
        {
            _refusal = LocalCallers.Refuse(Context, saga.Access);
            return _refusal.Code is null ? Granted(ApiKeyScope.Admin, id: null, expires: null) : AuthenticateResult.NoResult();
        }

        (string code, string detail) = Describe(answer.Outcome);
        _refusal = (StatusCodes.Status401Unauthorized, code, detail);
        return AuthenticateResult.NoResult();
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_refusal.Status == StatusCodes.Status401Unauthorized)
        {
            Response.Headers.WWWAuthenticate = $"Bearer realm=\"saga\", ApiKey realm=\"saga\", header=\"{HeaderName}\"";
        }

        return Problems.WriteAsync(Context, _refusal.Status, _refusal.Code, _refusal.Detail);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        string has = Context.User.FindFirstValue(AccessPolicies.ScopeClaim)!.ToLowerInvariant();
        string needs = AccessPolicies.NeededBy(Context).ToString().ToLowerInvariant();
        return Problems.WriteAsync(
            Context,
            StatusCodes.Status403Forbidden,
            ProblemCodes.ScopeTooSmall,
            $"The key's scope is {has} and this call needs {needs}; use a key of that scope: ./run keys create NAME --scope {needs}.");
    }

    private static AuthenticateResult Granted(ApiKeyScope scope, string? id, DateTimeOffset? expires)
    {
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(AccessPolicies.ScopeClaim, scope.ToString()));
        if (id is not null)
        {
            identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, id));
        }

        // The hub ends connections at that time.
        var properties = new AuthenticationProperties { ExpiresUtc = expires };
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), properties, SchemeName));
    }

    private static (string Code, string Detail) Describe(KeyOutcome outcome) => outcome switch
    {
        KeyOutcome.Missing => (ProblemCodes.KeyMissing,
            $"This service asks for an API key: send it as {HeaderName}, or as Authorization: Bearer. Whoever runs the service makes "
            + "keys: ./run keys create NAME."),
        KeyOutcome.Expired => (ProblemCodes.KeyExpired, "The API key has expired; ask whoever runs the service for another."),
        KeyOutcome.Revoked => (ProblemCodes.KeyRevoked, "The API key was revoked; ask whoever runs the service for another."),
        _ => (ProblemCodes.KeyUnknown, "The API key is not known here; check that it is complete and of this service."),
    };

    private string? Presented()
    {
        string? key = Request.Headers[HeaderName];
        if (!string.IsNullOrEmpty(key))
        {
            return key;
        }

        string? authorization = Request.Headers.Authorization;
        if (authorization?.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) == true)
        {
            return authorization[BearerPrefix.Length..].Trim();
        }

        return Request.Path.StartsWithSegments(HubRoot) ? Request.Query[QueryName] : (string?)null;
    }
}
