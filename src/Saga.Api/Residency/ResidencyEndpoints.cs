using Saga.Api.Decomposition;
using Saga.Api.Rendering;
using Saga.Worker.Compute;

namespace Saga.Api.Residency;

internal static class ResidencyEndpoints
{
    public static void MapResidency(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/residency", List)
            .WithName("ListResidentScenes").WithTags("Operation")
            .WithSummary("What scenes take in memory, most recently used first");

    private static ResidencyResponse List(ResidentScenes scenes, ComputeNode compute) => new(
        scenes.Budget,
        scenes.Bytes,
        GC.GetTotalAllocatedBytes(),
        [.. scenes.Contents().Select(entry => new ResidentSceneResponse(
            entry.Key.SceneId, UseOf(entry.Key.Kind), entry.Bytes, entry.Value is null ? null : entry.Bytes / (double)entry.Value.GaussianCount))],
        DeviceOf(compute));

    private static ResidencyDeviceResponse DeviceOf(ComputeNode compute) => compute.Device is { } device
        ? new ResidencyDeviceResponse(
            device.Info.Name, device.IsLost ? "lost" : "used", null, device.BudgetBytes, device.Bytes, device.ResidentCount, device.Evictions)
        : new ResidencyDeviceResponse("cpu", "none", compute.Reason, 0, 0, 0, 0);

    private static string UseOf(Type kind) =>
        kind == typeof(PromptScene) ? "prompts"
        : kind == typeof(FeatureColors) ? "featureColors"
        : kind == typeof(ClusteredScene) ? "clusters"
        : "pictures";
}

/// <summary>Scenes in memory.</summary>
/// <param name="BudgetBytes">What they may take.</param>
/// <param name="Bytes">What they take.</param>
/// <param name="AllocatedBytes">All that this process ever allocated; the difference of two answers is what the requests between them cost.</param>
/// <param name="Device">The compute device, whose memory is counted apart.</param>
internal sealed record ResidencyResponse(
    long BudgetBytes, long Bytes, long AllocatedBytes, IReadOnlyList<ResidentSceneResponse> Scenes, ResidencyDeviceResponse Device);

/// <summary>What computes.</summary>
/// <param name="Name">The device, or <c>cpu</c>.</param>
/// <param name="State"><c>used</c>, <c>lost</c> (the CPU computes until this process is started again), or <c>none</c>.</param>
/// <param name="Reason">Why there is none.</param>
/// <param name="BudgetBytes">What may be held of its memory.</param>
/// <param name="Bytes">What is held.</param>
/// <param name="Residents">Scenes and trainings in it.</param>
/// <param name="Evictions">How often one left for another.</param>
internal sealed record ResidencyDeviceResponse(
    string Name, string State, string? Reason, long BudgetBytes, long Bytes, int Residents, long Evictions);

/// <summary>One use of a scene in memory.</summary>
/// <param name="Use"><c>prompts</c>, <c>pictures</c>, <c>featureColors</c> or <c>clusters</c>.</param>
/// <param name="Bytes">Bytes of its arrays; while it is being loaded, an estimate.</param>
/// <param name="BytesPerGaussian">The same by its usable Gaussians; null while it is being loaded.</param>
internal sealed record ResidentSceneResponse(Guid SceneId, string Use, long Bytes, double? BytesPerGaussian);
