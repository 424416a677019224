using System.Net;

namespace Saga.Api.Hosting;

/// <summary><c>Saga.Api health</c>: asks the service of this machine whether it lives, for images that have no curl.</summary>
internal static class HealthProbe
{
    public const string Command = "health";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <returns>0 where /health/live answers, 1 where it does not; what supervises containers expects these.</returns>
    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(AddressFor(configuration));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{AddressFor(configuration)} does not answer: {error.Message}");
            return 1;
        }
    }

    /// <summary>The configured address as this machine reaches it: «any address» and wildcards are loopback too.</summary>
    internal static Uri AddressFor(IConfiguration configuration)
    {
        string[] addresses = ListenAddresses.Configured(configuration);
        var binding = BindingAddress.Parse(addresses.FirstOrDefault() ?? ListenAddresses.Default);
        string host = IPAddress.TryParse(binding.Host.Trim('[', ']'), out IPAddress? ip) && !Any(ip) ? binding.Host : "127.0.0.1";
        return new UriBuilder(binding.Scheme, host, binding.Port, "/health/live").Uri;
    }

    private static bool Any(IPAddress ip) => ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any);
}
