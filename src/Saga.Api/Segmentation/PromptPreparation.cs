using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Hosting;
using Saga.Api.Observability;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Selections;
using Saga.Engine.Cameras;
using Saga.Engine.Segmentation;
using Saga.Persistence;

namespace Saga.Api.Segmentation;

/// <summary>What a prompt needs before it can be answered: its scene in memory, its camera, the selection that it stays within.</summary>
internal readonly record struct PromptPreparation(
    SceneCatalog Catalog, ViewCatalog Views, ResidentScenes Scenes, IDbContextFactory<SagaDbContext> Contexts, PromptMetrics Metrics,
    SagaOptions Options)
{
    /// <exception cref="RefusedException">The scene, view or selection is not there, or the request makes no sense.</exception>
    public async Task<PreparedPrompt> PrepareAsync(Guid sceneId, SegmentRequest request, CancellationToken cancellationToken)
    {
        request.Check(Options.Limits);
        SceneSnapshot scene = await Catalog.FindAsync(sceneId, cancellationToken);
        ResidentLease<PromptScene> resident = await Scenes.AcquirePromptsAsync(scene, cancellationToken);
        try
        {
            PinholeCamera camera = request.Camera?.ToCamera()
                ?? (await Views.RequireViewAsync(scene, request.View!.Value, cancellationToken)).Camera;
            GaussianSelection? within = request.Within is { } id
                ? await FindSelectionAsync(sceneId, id, cancellationToken)
                : null;
            return new PreparedPrompt(
                resident, request.ToPrompt(camera, resident.Value.Segmenter.Quantiles, within), request.HasScale);
        }
        catch
        {
            resident.Dispose();
            throw;
        }
    }

    private async Task<GaussianSelection> FindSelectionAsync(Guid sceneId, Guid selectionId, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await Contexts.CreateDbContextAsync(cancellationToken);
        return await db.RequireSelectionAsync(sceneId, selectionId, cancellationToken);
    }
}

/// <summary>A prompt that can be answered; keeps its scene in memory until disposed.</summary>
/// <param name="Resident">The scene.</param>
/// <param name="Prompt">The prompt; its scale counts only where it has one.</param>
/// <param name="HasScale">Whether the request gave a scale.</param>
internal sealed record PreparedPrompt(ResidentLease<PromptScene> Resident, PointPrompt Prompt, bool HasScale) : IDisposable
{
    public PromptSegmenter Segmenter => Resident.Value.Segmenter;

    /// <summary>The prompt at its scale, or at that of its most stable granularity where it has none, and how long finding it took.</summary>
    public (PointPrompt Prompt, TimeSpan Time) AtScale(int maxThreads, CancellationToken cancellationToken)
    {
        if (HasScale)
        {
            return (Prompt, TimeSpan.Zero);
        }

        long started = Stopwatch.GetTimestamp();
        double quantile = Segmenter.MostStableQuantile(Prompt, maxThreads, cancellationToken);
        return (Prompt with { Quantile = quantile }, Stopwatch.GetElapsedTime(started));
    }

    public void Dispose() => Resident.Dispose();
}
