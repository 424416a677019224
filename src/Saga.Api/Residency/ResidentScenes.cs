using System.Diagnostics;
using Saga.Api.Hosting;
using Saga.Api.Rendering;
using Saga.Api.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Persistence.Files;

namespace Saga.Api.Residency;

/// <summary>Which immutable version of a scene's data is meant.</summary>
/// <param name="ModelKey">The trained model; empty for what pictures need, which is the same for every model.</param>
/// <param name="Kind">What was made of it.</param>
internal readonly record struct ResidentKey(Guid SceneId, string GaussiansKey, string ModelKey, Type Kind);

/// <summary>The scenes in memory: what prompts need, and, loaded when a picture is asked for, what pictures need.</summary>
internal sealed partial class ResidentScenes(FileStore store, SagaOptions options, ILogger<ResidentScenes> logger)
{
    // Means, log-scales, rotation, opacity, file index: 12 numbers.
    private const long GeometryBytes = 48;

    // The ray index, and the neighbours that the first connected prompt finds and keeps.
    private const long PromptIndexBytes = 64 + 64;

    // What the rasteriser prepares.
    private const long RasterizerBytes = 52;

    // For the estimate before a model is read, which says its own.
    private const int UsualDimension = 32;

    private readonly ResidentCache<ResidentKey, object> _cache = new(options.Residency.Budget);

    public long Bytes => _cache.Bytes;

    /// <summary>Leases what prompts need.</summary>
    public Task<ResidentLease<PromptScene>> AcquirePromptsAsync(SceneSnapshot scene, CancellationToken cancellationToken)
    {
        SceneFile gaussians = RequireGaussians(scene);
        string modelKey = RequireModel(scene);
        return AcquireAsync<PromptScene>(
            new ResidentKey(scene.Id, gaussians.Key, modelKey, typeof(PromptScene)),
            scene.GaussianCount * (GeometryBytes + PromptIndexBytes + 4 * UsualDimension),
            () =>
            {
                GaussianScene read = GaussianPlyReader.Read(store.PathOf(gaussians.Key), new PlyReadOptions(IncludeColors: false));
                PromptScene loaded = PromptScene.Load(read, store.PathOf(modelKey), gaussians.Sha256);
                return (loaded, read.Count * (GeometryBytes + PromptIndexBytes + 4L * loaded.Dimension));
            },
            cancellationToken);
    }

    /// <summary>Leases what pictures need: the Gaussians with their colours.</summary>
    public Task<ResidentLease<PictureScene>> AcquirePicturesAsync(SceneSnapshot scene, CancellationToken cancellationToken)
    {
        SceneFile gaussians = RequireGaussians(scene);
        return AcquireAsync<PictureScene>(
            new ResidentKey(scene.Id, gaussians.Key, "", typeof(PictureScene)),
            gaussians.Length,
            () =>
            {
                GaussianScene read = GaussianPlyReader.Read(store.PathOf(gaussians.Key));
                return (new PictureScene(read), read.Count * (GeometryBytes + RasterizerBytes) + 4L * read.ShCoefficients.Length);
            },
            cancellationToken);
    }

    /// <summary>Leases the colours that show the trained features.</summary>
    public Task<ResidentLease<FeatureColors>> AcquireFeatureColorsAsync(SceneSnapshot scene, CancellationToken cancellationToken)
    {
        SceneFile gaussians = RequireGaussians(scene);
        string modelKey = RequireModel(scene);
        return AcquireAsync<FeatureColors>(
            new ResidentKey(scene.Id, gaussians.Key, modelKey, typeof(FeatureColors)),
            scene.GaussianCount * 12L,
            () =>
            {
                GaussianScene read = GaussianPlyReader.Read(store.PathOf(gaussians.Key), new PlyReadOptions(IncludeColors: false));
                FeatureColors colors = FeatureColors.From(AffinityModelFile.Read(store.PathOf(modelKey), read, gaussians.Sha256, CancellationToken.None));
                return (colors, 4L * colors.Rgb.Length);
            },
            cancellationToken);
    }

    /// <summary>Drops a deleted scene; prompts in flight finish on what they lease.</summary>
    public void Forget(Guid sceneId) => _cache.Forget(key => key.SceneId == sceneId);

    /// <summary>Drops versions that the scene no longer consists of, before the budget would.</summary>
    public void ForgetReplaced(SceneSnapshot now) => _cache.Forget(key =>
        key.SceneId == now.Id && (key.GaussiansKey != now.Gaussians?.Key || (key.ModelKey.Length > 0 && key.ModelKey != now.ModelKey)));

    private static SceneFile RequireGaussians(SceneSnapshot scene) => scene.Gaussians ?? throw RefusedException.Conflict(
        ProblemCodes.SceneEmpty, $"Scene {scene.Id} has no Gaussians yet; PUT them to /api/v1/scenes/{scene.Id}/gaussians.");

    private static string RequireModel(SceneSnapshot scene) => scene.ModelKey ?? throw RefusedException.Conflict(
        ProblemCodes.SceneNotTrained, $"Scene {scene.Id} has no trained model; POST /api/v1/scenes/{scene.Id}/jobs trains one.");

    private async Task<ResidentLease<T>> AcquireAsync<T>(
        ResidentKey key, long estimatedBytes, Func<(T Value, long Bytes)> load, CancellationToken cancellationToken)
        where T : class
    {
        long start = Stopwatch.GetTimestamp();
        ResidentCache<ResidentKey, object>.Lease lease = await _cache.AcquireAsync(
            key,
            estimatedBytes,
            () =>
            {
                long loadStart = Stopwatch.GetTimestamp();
                (T value, long bytes) = load();
                LogLoaded(logger, key.SceneId, typeof(T).Name, bytes >> 20, Stopwatch.GetElapsedTime(loadStart).TotalMilliseconds);
                return (value, bytes);
            },
            cancellationToken);
        return new ResidentLease<T>(lease, (T)lease.Value, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Scene {SceneId} in memory as {Kind}: {MiB} MiB, loaded in {Milliseconds:0} ms")]
    private static partial void LogLoaded(ILogger logger, Guid sceneId, string kind, long miB, double milliseconds);
}

/// <summary>Keeps a loaded scene in memory until disposed.</summary>
/// <param name="LoadMs">How long the caller waited for it.</param>
internal sealed record ResidentLease<T>(IDisposable Lease, T Value, double LoadMs) : IDisposable
{
    public void Dispose() => Lease.Dispose();
}
