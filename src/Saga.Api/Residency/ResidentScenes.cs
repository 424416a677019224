using System.Diagnostics;
using System.Diagnostics.Metrics;
using Saga.Api.Decomposition;
using Saga.Api.Hosting;
using Saga.Api.Rendering;
using Saga.Api.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.OpenVocabulary;
using Saga.Engine.Scenes;
using Saga.Persistence.Files;
using Saga.Worker.Compute;
using Saga.Worker.Observability;

namespace Saga.Api.Residency;

/// <summary>Which immutable version of a scene's data is meant.</summary>
/// <param name="ModelKey">The trained model, or the vocabulary; empty for what pictures need, which is the same for every model.</param>
/// <param name="Kind">What was made of it.</param>
/// <param name="Question">What it answers; empty for what is the same for all.</param>
internal readonly record struct ResidentKey(Guid SceneId, string GaussiansKey, string ModelKey, Type Kind, string Question = "");

/// <summary>The scenes in memory: what prompts need, and, loaded when a picture is asked for, what pictures need.</summary>
internal sealed partial class ResidentScenes(
    FileStore store, SagaOptions options, ComputeNode compute, IMeterFactory meters, ILogger<ResidentScenes> logger)
{
    // Per Gaussian: 12 numbers of the scene, its place in the ray index, 16-bit features of the usual 32 channels. An estimate,
    // used until the model is read.
    private const long UsualPromptBytes = 48 + 5 + 67;

    private readonly ResidentCache<ResidentKey, IResident> _cache = new(options.Residency.Budget);

    private readonly Histogram<double> _loads = meters.Create(Telemetry.Name).CreateHistogram(
        "saga.resident.load.duration",
        "s",
        "Things brought into memory, by what they are.",
        null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = Telemetry.ShortDurations });

    /// <summary>Bytes that scenes take now.</summary>
    public long Bytes => _cache.Bytes;

    /// <summary>Bytes that they may take; what nobody uses leaves before there are more.</summary>
    public long Budget => options.Residency.Budget;

    /// <summary>How often something was dropped to make room.</summary>
    public long Evictions => _cache.Evictions;

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
            async () =>
            {
                using LocalFile file = await store.OpenAsync(gaussians.Key, CancellationToken.None);
                using LocalFile model = await store.OpenAsync(modelKey, CancellationToken.None);
                GaussianScene read = GaussianFile.Read(file.Path, new GaussianReadOptions(IncludeColors: false));
                return PromptScene.Load(read, model.Path, gaussians.Sha256, compute);
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
            async () =>
            {
                using LocalFile file = await store.OpenAsync(gaussians.Key, CancellationToken.None);
                return new PictureScene(GaussianFile.Read(file.Path), compute);
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
            async () =>
            {
                using LocalFile file = await store.OpenAsync(gaussians.Key, CancellationToken.None);
                using LocalFile model = await store.OpenAsync(modelKey, CancellationToken.None);
                GaussianScene read = GaussianFile.Read(file.Path, new GaussianReadOptions(IncludeColors: false));
                return FeatureColors.From(AffinityModelFile.Read(model.Path, read, gaussians.Sha256, CancellationToken.None));
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
        return AcquireAsync<ClusteredScene>(
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

    /// <summary>Leases what texts need.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="encoderFingerprint">The image encoder that texts are compared by.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="RefusedException">409 <c>vocabulary-missing</c>: none was made of the present model with this encoder.</exception>
    public async Task<ResidentLease<SceneVocabulary>> AcquireVocabularyAsync(
        SceneSnapshot scene, string encoderFingerprint, CancellationToken cancellationToken)
    {
        RequireModel(scene);
        if (scene.Vocabulary is not { } file)
        {
            throw VocabularyMissing(scene, "has no vocabulary yet");
        }

        ResidentLease<SceneVocabulary> lease;
        try
        {
            lease = await AcquireAsync<SceneVocabulary>(
                new ResidentKey(scene.Id, RequireGaussians(scene).Key, file.Key, typeof(SceneVocabulary)),
                file.Length,
                async () =>
                {
                    using LocalFile local = await store.OpenAsync(file.Key, CancellationToken.None);
                    using FileStream stream = File.OpenRead(local.Path);
                    return new SceneVocabulary(MaskVocabularyFile.Read(stream, file.FileName), scene.GaussianCount);
                },
                cancellationToken);
        }
        catch (InvalidVocabularyException)
        {
            throw VocabularyMissing(scene, "has a vocabulary that cannot be read");
        }

        MaskVocabularyInfo made = lease.Value.Vocabulary.Info;
        if (made.ModelSha256 == scene.ModelSha256 && made.EncoderFingerprint == encoderFingerprint)
        {
            return lease;
        }

        lease.Dispose();
        throw VocabularyMissing(scene, made.ModelSha256 == scene.ModelSha256
            ? "has a vocabulary of another CLIP model" : "was trained again since its vocabulary was made");
    }

    /// <summary>Drops a deleted scene; prompts in flight finish on what they lease.</summary>
    public void Forget(Guid sceneId) => _cache.Forget(key => key.SceneId == sceneId);

    /// <summary>Drops versions that the scene no longer consists of, before the budget would.</summary>
    public void ForgetReplaced(SceneSnapshot now) => _cache.Forget(key =>
        key.SceneId == now.Id && (key.GaussiansKey != now.Gaussians?.Key || (key.ModelKey.Length > 0 && key.ModelKey != (key.Kind == typeof(SceneVocabulary) ? now.Vocabulary?.Key : now.ModelKey))));

    private static RefusedException VocabularyMissing(SceneSnapshot scene, string reason) => RefusedException.Conflict(
        ProblemCodes.VocabularyMissing,
        $"Scene {scene.Id} {reason}; POST /api/v1/scenes/{scene.Id}/jobs with {{\"kind\": \"vocabulary\"}} makes one.");

    private static SceneFile RequireGaussians(SceneSnapshot scene) => scene.Gaussians ?? throw RefusedException.Conflict(
        ProblemCodes.SceneEmpty, $"Scene {scene.Id} has no Gaussians yet; PUT them to /api/v1/scenes/{scene.Id}/gaussians.");

    private static string RequireModel(SceneSnapshot scene) => scene.ModelKey ?? throw RefusedException.Conflict(
        ProblemCodes.SceneNotTrained, $"Scene {scene.Id} has no trained model; POST /api/v1/scenes/{scene.Id}/jobs trains one.");

    private async Task<ResidentLease<T>> AcquireAsync<T>(
        ResidentKey key, long estimatedBytes, Func<Task<T>> load, CancellationToken cancellationToken)
        where T : class, IResident
    {
        long start = Stopwatch.GetTimestamp();
        ResidentCache<ResidentKey, IResident>.Lease lease = await _cache.AcquireAsync(
            key,
            estimatedBytes,
            async () =>
            {
                using Activity? span = Telemetry.Source.StartActivity($"load {typeof(T).Name}")?.SetTag("saga.scene.id", key.SceneId);
                long loadStart = Stopwatch.GetTimestamp();
                T value = await load();
                _loads.Record(Stopwatch.GetElapsedTime(loadStart).TotalSeconds, new KeyValuePair<string, object?>("kind", typeof(T).Name));
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
