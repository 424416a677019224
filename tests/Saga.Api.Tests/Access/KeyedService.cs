using Saga.Persistence;
using Saga.Persistence.Access;

namespace Saga.Api.Tests.Access;

/// <summary>A service with keys, and clients that hold them.</summary>
internal static class KeyedService
{
    /// <summary>How long a running service may take to notice a change of keys, and a little for the test itself.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromSeconds(6);

    public static async Task<string> AddKeyAsync(this ServiceHost service, ApiKeyScope scope, Action<ApiKeyRecord>? describe = null)
    {
        var key = new ApiKeyRecord { Name = scope.ToString(), Scope = scope };
        describe?.Invoke(key);
        string text = await service.Get<ApiKeyStore>().AddAsync(key, CancellationToken.None);

        // A key that is unknown is looked for again, ten times a second.
        await Task.Delay(150);
        return text;
    }

    /// <summary>Starts with one admin key and returns the client that holds it.</summary>
    public static async Task<(ServiceHost Service, string Key)> StartAsync(params string[] settings)
    {
        ServiceHost service = await ServiceHost.StartAsync(settings);
        await service.Get<SagaDatabase>().Ready.WaitAsync(TimeSpan.FromSeconds(60));
        string key = await service.AddKeyAsync(ApiKeyScope.Admin);
        return (service, key);
    }

    public static HttpClient ClientWith(this ServiceHost service, string? key)
    {
        var client = new HttpClient { BaseAddress = new Uri(service.Address) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
        }

        return client;
    }

    public static string IdOf(string key) => key[5..17];
}
