using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Saga.Persistence.Access;

namespace Saga.Api.Access;

/// <summary>Which scope a call needs: its own policy's, else its method's, so a forgotten call needs too much, not too little.</summary>
internal static class AccessPolicies
{
    public const string ScopeClaim = "scope";

    /// <summary>Marks a call other than GET that stores nothing.</summary>
    public const string Read = "read";

    /// <summary>Marks a call that concerns everybody.</summary>
    public const string Admin = "admin";

    public static void Add(AuthorizationOptions options)
    {
        AuthorizationPolicy byMethod = Policy(new ScopeRequirement(Scope: null));
        options.DefaultPolicy = byMethod;

        // Also for what is no endpoint, such as /swagger and unknown paths.
        options.FallbackPolicy = byMethod;
        options.AddPolicy(Read, Policy(new ScopeRequirement(ApiKeyScope.Read)));
        options.AddPolicy(Admin, Policy(new ScopeRequirement(ApiKeyScope.Admin)));
    }

    /// <summary>Says that a POST stores nothing, as prompts do.</summary>
    public static TBuilder OnlyReads<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(Read);

    /// <summary>The scope that this request needs.</summary>
    public static ApiKeyScope NeededBy(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy switch
        {
            Read => ApiKeyScope.Read,
            Admin => ApiKeyScope.Admin,
            _ => ByMethod(context.Request.Method),
        };

    private static AuthorizationPolicy Policy(ScopeRequirement requirement) =>
        new AuthorizationPolicyBuilder(ApiKeyHandler.SchemeName).RequireAuthenticatedUser().AddRequirements(requirement).Build();

    private static ApiKeyScope ByMethod(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) ? ApiKeyScope.Read : ApiKeyScope.Write;

    /// <param name="Scope">Null: what the method says.</param>
    private sealed record ScopeRequirement(ApiKeyScope? Scope) : IAuthorizationRequirement;

    internal sealed class Handler : IAuthorizationHandler
    {
        public Task HandleAsync(AuthorizationHandlerContext context)
        {
            foreach (ScopeRequirement requirement in context.PendingRequirements.OfType<ScopeRequirement>().ToList())
            {
                ApiKeyScope needed = requirement.Scope
                    ?? (context.Resource is HttpContext http ? ByMethod(http.Request.Method) : ApiKeyScope.Admin);
                if (Enum.TryParse(context.User.FindFirstValue(ScopeClaim), out ApiKeyScope has) && has >= needed)
                {
                    context.Succeed(requirement);
                }
            }

            return Task.CompletedTask;
        }
    }
}
