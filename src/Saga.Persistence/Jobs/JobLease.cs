using Saga.Persistence.Files;
using Saga.Persistence.Scenes;

namespace Saga.Persistence.Jobs;

/// <summary>A worker's right to run a job. Another claim takes it away; every write checks it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="SceneId">Its scene.</param>
/// <param name="Epoch">The fencing token of this claim.</param>
public sealed record JobLease(Guid JobId, Guid SceneId, Guid Epoch);

/// <summary>What a heartbeat learned.</summary>
public enum LeaseState
{
    /// <summary>Go on.</summary>
    Held,

    /// <summary>Stop: somebody asked to cancel.</summary>
    CancelRequested,

    /// <summary>Stop and write nothing: another worker has the job, or the job is gone.</summary>
    Lost,
}

/// <summary>How far a job is.</summary>
/// <param name="Stage">What is being done, for people.</param>
/// <param name="Progress">0..1 over the whole job; a smaller value than stored is ignored.</param>
public sealed record JobProgress(
    string Stage, double Progress, int Iteration = 0, int Iterations = 0, double? Loss = null, double? EtaSeconds = null);

/// <summary>Why a job failed, as the HTTP contract shows it.</summary>
/// <param name="Code">Stable and machine-readable.</param>
/// <param name="Detail">One sentence for people; never the text of an unexpected exception.</param>
public sealed record JobFailure(string Code, string Detail)
{
    /// <summary>Every worker that took the job died.</summary>
    public static JobFailure AttemptsExhausted { get; } = new(
        "attempts-exhausted",
        $"The worker was lost {JobRecord.MaxAttempts} times while running this job; see the worker's log, then start a new job.");

    /// <summary>The Gaussian file was replaced while its features were trained.</summary>
    public static JobFailure SceneChanged { get; } = new(
        "scene-changed", "The scene's Gaussians were replaced while the job ran; start a new job for the new file.");

    /// <summary>The model that a file was made from is no longer the scene's.</summary>
    public static JobFailure ModelChanged { get; } = new(
        "model-changed", "The scene's model was replaced while the job ran; start a new job for the new model.");
}

/// <summary>A model that was just written to the file store and that a scene is to point to.</summary>
/// <param name="Key">Key in the file store.</param>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="ModelJson">The contract's <c>model</c> object.</param>
/// <param name="GaussiansSha256">Hash of the Gaussian file it was trained on; the scene must still have that file.</param>
public sealed record TrainedModel(string Key, string Sha256, string ModelJson, string GaussiansSha256);

/// <summary>A file that was made from a scene's model, just written to the file store, that the scene is to have.</summary>
/// <param name="Kind">What it is to the scene.</param>
/// <param name="File">Where it lies.</param>
/// <param name="ModelSha256">Hash of the model it was made from; the scene must still have that model.</param>
public sealed record MadeAsset(AssetKind Kind, StoredFile File, string ModelSha256);
