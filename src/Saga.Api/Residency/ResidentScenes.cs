using System.Diagnostics;
using Saga.Api.Decomposition;
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
/// <param name="Question">What it answers; empty for what is the same for all.</param>
internal readonly record struct ResidentKey(Guid SceneId, string GaussiansKey, string ModelKey, Type Kind, string Question = "");

/// <summary>The scenes in memory: what prompts need, and, loaded when a picture is asked for, what pictures need.</summary>
internal sealed partial class ResidentScenes(FileStore store, SagaOptions options, ILogger<ResidentScenes> logger)
{
    // Per Gaussian: 12 numbers of the scene, its place in the ray index, 16-bit features of the usual 32 channels. An estimate,
    // used until the model is read.
    private const long UsualPromptBytes = 48 + 5 + 67;

    private readonly ResidentCache<ResidentKey, IResident> _cache = new(options.Residency.Budget);

    /// <summary>Bytes that scenes take now.</summary>
    public long Bytes => _cache.Bytes;

    /// <summary>Bytes that they may take; what nobody uses leaves before there are more.</summary>
    public long Budget => options.Residency.Budget;

    /// <summary>What is in memory, most recently used first.</summary>
    public IReadOnlyList<(ResidentKey Key, long Bytes, IResident? Value)> Contents() => _cache.Contents();

    /// <summary>Leases what prompts need.</summary>
    public Task<ResidentLease<PromptScene>> AcquirePromptsAsync(SceneSnapshot scene, CancellationToken cancellationToken)
    {
        SceneFile gaussians = RequireGaussians(scene);
        string modelKey = RequireModel(scene);
        return AcquireAsync<PromptScene>(
            new ResidentKey(scene.Id, gaussians.Key, modelKey, typeof(PromptScene)),
            scene.GaussianCount * UsualPromptBytes,
            () =>
            {
                GaussianScene read = GaussianPlyReader.Read(store.PathOf(gaussians.Key), new PlyReadOptions(IncludeColors: false));
                return PromptScene.Load(read, store.PathOf(modelKey), gaussians.Sha256);
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
            () => new PictureScene(GaussianPlyReader.Read(store.PathOf(gaussians.Key))),
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
                return FeatureColors.From(AffinityModelFile.Read(store.PathOf(modelKey), read, gaussians.Sha256, CancellationToken.None));
            },
            cancellationToken);
    }

    /// <summary>Leases a scene taken apart; computed once for all that ask the same, in their queue's turn.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="question">Which decomposition.</param>
    /// <param name="queue">Bounds the computations.</param>
    /// <param name="cancellationToken">Stops the waiting; who asks again finds the answer sooner.</param>
    public Task<ResidentLease<ClusteredScene>> AcquireClustersAsync(
        SceneSnapshot scene, DecompositionQuestion question, WorkQueue queue, CancellationToken cancellationToken)
    {
        SceneFile gaussians = RequireGaussians(scene);
        string modelKey = RequireModel(scene);
        return AcquireComputedAsync<ClusteredScene>(
            new ResidentKey(scene.Id, gaussians.Key, modelKey, typeof(ClusteredScene), question.Key),
            scene.GaussianCount * sizeof(ushort),
            async () =>
            {
                using ResidentLease<PromptScene> prompts = await AcquirePromptsAsync(scene, CancellationToken.None);
                using (await queue.EnterAsync(CancellationToken.None))
                {
                    return new ClusteredScene(prompts.Value.Segmenter.Decompose(
                        question.Options, question.Within, queue.FairThreads, CancellationToken.None));
                }
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

    private Task<ResidentLease<T>> AcquireAsync<T>(
        ResidentKey key, long estimatedBytes, Func<T> load, CancellationToken cancellationToken)
        where T : class, IResident =>
        AcquireComputedAsync(key, estimatedBytes, () => Task.FromResult(load()), cancellationToken);

    private async Task<ResidentLease<T>> AcquireComputedAsync<T>(
        ResidentKey key, long estimatedBytes, Func<Task<T>> load, CancellationToken cancellationToken)
        where T : class, IResident
    {
        long start = Stopwatch.GetTimestamp();
        ResidentCache<ResidentKey, IResident>.Lease lease = await _cache.AcquireComputedAsync(
            key,
            estimatedBytes,
            async () =>
            {
                long loadStart = Stopwatch.GetTimestamp();
                T value = await load();
                LogLoaded(logger, key.SceneId, typeof(T).Name, value.ByteCount >> 20, Stopwatch.GetElapsedTime(loadStart).TotalMilliseconds);
                return ((IResident)value, value.ByteCount);
            },
            cancellationToken);
        return new ResidentLease<T>(lease, (T)lease.Value, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Scene {SceneId} in memory as {Kind}: {MiB} MiB, loaded in {Milliseconds:0} ms")]
    private static partial void LogLoaded(ILogger logger, Guid sceneId, string kind, long miB, double milliseconds);
}

/// <summary>Keeps a loaded scene in memory until disposed.</summary>
/// <param name="Lease">Its place in the cache.</param>
/// <param name="LoadMs">How long the caller waited for it.</param>
internal sealed record ResidentLease<T>(ResidentCache<ResidentKey, IResident>.Lease Lease, T Value, double LoadMs) : IDisposable
    where T : class, IResident
{
    /// <summary>Also counts what the scene has grown by, such as the neighbours that a connected prompt needs.</summary>
    public void Dispose()
    {
        Lease.Recount(Value.ByteCount);
        Lease.Dispose();
    }
}
