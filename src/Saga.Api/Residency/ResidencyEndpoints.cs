using Saga.Api.Decomposition;
using Saga.Api.Rendering;

namespace Saga.Api.Residency;

internal static class ResidencyEndpoints
{
    public static void MapResidency(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/residency", List)
            .WithName("ListResidentScenes").WithTags("Operation")
            .WithSummary("What scenes take in memory, most recently used first");

    private static ResidencyResponse List(ResidentScenes scenes) => new(
        scenes.Budget,
        scenes.Bytes,
        GC.GetTotalAllocatedBytes(),
        [.. scenes.Contents().Select(entry => new ResidentSceneResponse(
            entry.Key.SceneId, UseOf(entry.Key.Kind), entry.Bytes, entry.Value is null ? null : entry.Bytes / (double)entry.Value.GaussianCount))]);

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
internal sealed record ResidencyResponse(long BudgetBytes, long Bytes, long AllocatedBytes, IReadOnlyList<ResidentSceneResponse> Scenes);

/// <summary>One use of a scene in memory.</summary>
/// <param name="Use"><c>prompts</c>, <c>pictures</c>, <c>featureColors</c> or <c>clusters</c>.</param>
/// <param name="Bytes">Bytes of its arrays; while it is being loaded, an estimate.</param>
/// <param name="BytesPerGaussian">The same by its usable Gaussians; null while it is being loaded.</param>
internal sealed record ResidentSceneResponse(Guid SceneId, string Use, long Bytes, double? BytesPerGaussian);
