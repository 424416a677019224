using System.Net;
using Saga.Api.Hosting;

namespace Saga.Api.Access;

/// <summary>Who is served where there are no keys: programs and pages of this machine, no page of another site in its browser.</summary>
internal static class LocalCallers
{
    /// <returns>Why the caller is not served; default where it is.</returns>
    public static (int Status, string Code, string Detail) Refuse(HttpContext context, AccessOptions options)
    {
        // Whatever the configured addresses are: the address that was really connected to decides. None is a socket file.
        if (context.Connection.LocalIpAddress is { } address && !IPAddress.IsLoopback(Plain(address)))
        {
            return (StatusCodes.Status401Unauthorized, ProblemCodes.KeyMissing,
                "This service has no API keys and serves only its own machine; whoever runs it makes one: ./run keys create NAME.");
        }

        // A name that a stranger's server made point here (DNS rebinding), or a proxy that passes strangers on.
        string host = context.Request.Host.Host.Trim('[', ']');
        if (!string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            && !(IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip)))
        {
            return (StatusCodes.Status403Forbidden, ProblemCodes.ForeignHost,
                $"Without API keys this service answers to localhost only, and was called «{LogText.Clean(host)}». Make a key to be "
                + "reached by other names: ./run keys create NAME.");
        }

        // A page of another site in a browser of this machine: it may send forms and open web sockets without asking.
        string? origin = context.Request.Headers.Origin;
        return string.IsNullOrEmpty(origin) || options.AllowedOrigins.Contains(origin) || IsOwn(origin, context.Request.Host)
            ? default
            : (StatusCodes.Status403Forbidden, ProblemCodes.ForeignOrigin,
                $"A page of «{LogText.Clean(origin)}» sent this; Saga:Access:AllowedOrigins says whose pages may.");
    }

    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
        && string.Equals(HostString.FromUriComponent(uri).Value, host.Value, StringComparison.OrdinalIgnoreCase);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
