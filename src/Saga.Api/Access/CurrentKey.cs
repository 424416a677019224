using Saga.Persistence.Access;

namespace Saga.Api.Access;

/// <summary>The key of this request, with the limits that count for it.</summary>
internal sealed class CurrentKey(ApiKeyRecord key, AccessOptions options)
{
    public string Id { get; } = key.Id;

    /// <summary>0: any number.</summary>
    public int RequestsPerMinute { get; } = key.RequestsPerMinute ?? options.RequestsPerMinute;

    public Owner Owner { get; } = new(
        key.Id,
        NoneIfZero(key.MaxBytes ?? options.MaxBytesPerKey),
        (int?)NoneIfZero(key.MaxScenes ?? options.MaxScenesPerKey),
        (int?)NoneIfZero(key.MaxJobs ?? options.MaxJobsPerKey));

    private static long? NoneIfZero(long limit) => limit == 0 ? null : limit;
}

internal static class CurrentKeyAccess
{
    /// <summary>Whose is what this request stores.</summary>
    public static Owner Owner(this HttpContext context) => context.Features.Get<CurrentKey>()?.Owner ?? Persistence.Access.Owner.Nobody;
}
