using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Api.Models;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>A scene as the contract shows it.</summary>
/// <param name="GaussianCount">Records in the uploaded file, the N of every mask.</param>
/// <param name="Bounds">Box around the usable Gaussians' centres, world units; null while there are none.</param>
/// <param name="Model">The trained model; null while there is none.</param>
/// <param name="Problems">What was wrong with the uploads and left out.</param>
/// <param name="SelectionsVersion">Grows with every change of the scene's selections; who shows them reads them again.</param>
internal sealed record SceneResponse(
    Guid Id,
    string Name,
    SceneState State,
    int GaussianCount,
    int ViewCount,
    int MaskCount,
    BoundsResponse? Bounds,
    ModelResponse? Model,
    DateTimeOffset CreatedAt,
    IReadOnlyList<ProblemResponse> Problems,
    long SelectionsVersion)
{
    public static SceneResponse From(SceneRecord scene) => new(
        scene.Id,
        scene.Name,
        scene.State,
        scene.GaussianCount,
        scene.ViewCount,
        scene.MaskCount,
        scene.BoundsJson is null ? null : JsonSerializer.Deserialize<BoundsResponse>(scene.BoundsJson, ContractJson.Options),
        scene.ModelJson is null ? null : JsonSerializer.Deserialize<ModelResponse>(scene.ModelJson, ContractJson.Options),
        scene.CreatedAt.ToUniversalTime(),
        JsonSerializer.Deserialize<ProblemResponse[]>(scene.ProblemsJson, ContractJson.Options) ?? [],
        scene.SelectionsVersion);
}

/// <summary>An axis-aligned box, world units.</summary>
internal sealed record BoundsResponse(float[] Min, float[] Max);

/// <summary>Something the scene's owner should know.</summary>
internal sealed record ProblemResponse(string Code, string Detail);
