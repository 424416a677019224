using System.Net;

namespace Saga.Api.Hosting;

/// <summary>Where the service listens, and which of that strangers could reach.</summary>
internal static class ListenAddresses
{
    public const string Default = "http://127.0.0.1:5080";

    /// <summary>Takes the addresses from the configuration, or the default. Whether it may listen there, its start decides.</summary>
    /// <exception cref="StartupException">Something that is not an address.</exception>
    public static void UseSagaAddresses(this WebApplicationBuilder builder)
    {
        string[] addresses = Configured(builder.Configuration);
        if (addresses.Length == 0)
        {
            builder.WebHost.UseUrls(Default);
        }

        foreach (string address in addresses)
        {
            _ = IsLoopback(address);
        }
    }

    internal static bool IsLoopback(string address)
    {
        // BindingAddress reads what Kestrel reads, including wildcards that Uri does not accept.
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(address);
        }
        catch (FormatException error)
        {
            throw new StartupException($"«{address}» is not an address to listen on; expected something like {Default}.", error);
        }

        return binding.IsUnixPipe || binding.IsNamedPipe
            || string.Equals(binding.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(binding.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
    }

    internal static string[] Configured(IConfiguration configuration)
    {
        string[] urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        string[] endpoints = [.. configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Select(endpoint => endpoint["Url"]).OfType<string>()];

        // Ports alone mean every interface, and only count when no address is given.
        string[] ports = urls.Length > 0 ? [] :
        [
            .. Split(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}"),
            .. Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}"),
        ];
        return [.. urls, .. endpoints, .. ports];
    }

    private static string[] Split(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
