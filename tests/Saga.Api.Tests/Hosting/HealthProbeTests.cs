using Microsoft.Extensions.Configuration;
using Saga.Api.Hosting;

namespace Saga.Api.Tests.Hosting;

/// <summary>What supervises containers asks; a wrong answer costs a node its scenes.</summary>
public sealed class HealthProbeTests
{
    /// <summary>Who took «the keys cannot be read» for death would end every node while the database is restarted.</summary>
    [Fact]
    public async Task A_service_without_its_database_lives()
    {
        IConfiguration configuration;
        const string nowhere = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=1";
        await using (ServiceHost host = await ServiceHost.StartAsync($"Saga:Database={nowhere}"))
        {
            configuration = With(host.Address);

            (await host.Client.GetAsync("/health/live")).Expect(200);
            (await host.Client.GetAsync("/health/ready")).Expect(503);
            Assert.Equal(0, await HealthProbe.RunAsync(configuration));
        }

        Assert.Equal(1, await HealthProbe.RunAsync(configuration));
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:5080/health/live")]
    [InlineData("http://0.0.0.0:5080", "http://127.0.0.1:5080/health/live")]
    [InlineData("http://*:8080;https://*:8443", "http://127.0.0.1:8080/health/live")]
    [InlineData("http://[::]:81", "http://127.0.0.1:81/health/live")]
    [InlineData("http://10.1.2.3:5080", "http://10.1.2.3:5080/health/live")]
    public void It_asks_where_the_service_listens(string? urls, string expected) =>
        Assert.Equal(expected, HealthProbe.AddressFor(With(urls)).AbsoluteUri);

    private static IConfiguration With(string? urls) =>
        new ConfigurationBuilder().AddInMemoryCollection([new KeyValuePair<string, string?>("urls", urls)]).Build();
}
