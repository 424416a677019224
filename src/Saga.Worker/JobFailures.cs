using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Onnx;
using Saga.Engine.Scenes;
using Saga.Engine.Training;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;

namespace Saga.Worker;

/// <summary>Turns what went wrong into what the user may read.</summary>
internal static class JobFailures
{
    private static readonly JobFailure OutOfMemory = new(
        "out-of-memory", "The scene and its training need more memory than the worker has; use a smaller scene or a larger machine.");

    private static readonly JobFailure Storage = new(
        "storage-unavailable", "The worker's disk is full, read-only or broken, or the file store does not answer, and was so for long; "
        + "mend it and start a new job.");

    private static readonly JobFailure Damaged = new(
        "file-damaged", "A file of the scene is damaged in the file store; upload it again, or have it restored from a backup.");

    private static readonly JobFailure Internal = new(
        "internal-error", "Something unexpected went wrong in the worker; its log says what. A new job may be started.");

    /// <summary>The engine's own exceptions speak to the user; of all others only the log knows the text.</summary>
    public static JobFailure From(Exception error) => error switch
    {
        JobFailedException failed => failed.Failure,
        InvalidSceneException => new JobFailure("invalid-scene", error.Message),
        InvalidCameraException => new JobFailure("invalid-cameras", error.Message),
        InvalidMaskException or InvalidArchiveException => new JobFailure("invalid-masks", error.Message),
        MissingModelException => new JobFailure("model-missing", error.Message),
        InvalidOnnxModelException => new JobFailure("invalid-model", error.Message),
        TrainingDivergedException => new JobFailure("training-diverged", error.Message),
        OutOfMemoryException => OutOfMemory,
        DamagedFileException => Damaged,
        _ when StorageTrouble.Is(error) => Storage,
        AggregateException { InnerExceptions: [var inner] } => From(inner),
        _ => Internal,
    };
}

/// <summary>A job cannot be done, for a reason that its owner should read.</summary>
public sealed class JobFailedException(JobFailure failure) : Exception(failure.Detail)
{
    public JobFailure Failure { get; } = failure;
}
