namespace Saga.Api.Hosting;

/// <summary>The <c>code</c> values of problem details. Stable: programs branch on them.</summary>
internal static class ProblemCodes
{
    public const string InvalidRequest = "invalid-request";
    public const string NotFound = "not-found";
    public const string MethodNotAllowed = "method-not-allowed";
    public const string NotAcceptable = "not-acceptable";
    public const string UnsupportedMediaType = "unsupported-media-type";
    public const string TooLarge = "too-large";
    public const string Timeout = "timeout";
    public const string Busy = "busy";
    public const string InternalError = "internal-error";
    public const string DatabaseUnavailable = "database-unavailable";
    public const string StorageUnavailable = "storage-unavailable";
    public const string StorageFull = "storage-full";
    public const string FileDamaged = "file-damaged";

    public const string KeyMissing = "key-missing";
    public const string KeyUnknown = "key-unknown";
    public const string KeyExpired = "key-expired";
    public const string KeyRevoked = "key-revoked";
    public const string ScopeTooSmall = "scope-too-small";
    public const string ForeignHost = "foreign-host";
    public const string ForeignOrigin = "foreign-origin";
    public const string RateLimited = "rate-limited";
    public const string QuotaBytes = "quota-bytes";
    public const string QuotaScenes = "quota-scenes";
    public const string QuotaJobs = "quota-jobs";

    public const string SceneNotFound = "scene-not-found";
    public const string SceneNotTrained = "scene-not-trained";
    public const string SceneEmpty = "scene-empty";
    public const string SceneChanged = "scene-changed";
    public const string JobRunning = "job-running";
    public const string JobNotFound = "job-not-found";
    public const string ViewNotFound = "view-not-found";
    public const string SelectionNotFound = "selection-not-found";
    public const string SelectionChanged = "selection-changed";
    public const string TooManySelections = "too-many-selections";
    public const string NothingToUndo = "nothing-to-undo";
    public const string NothingToRedo = "nothing-to-redo";
    public const string AssetMissing = "asset-missing";
    public const string SampleMissing = "sample-missing";
    public const string VocabularyMissing = "vocabulary-missing";

    public const string UploadNotFound = "upload-not-found";
    public const string UploadExpired = "upload-expired";
    public const string UploadLocked = "upload-locked";
    public const string UploadIncomplete = "upload-incomplete";
    public const string UploadElsewhere = "upload-of-another-scene";
    public const string OffsetMismatch = "offset-mismatch";
    public const string ChecksumMismatch = "checksum-mismatch";
    public const string UnsupportedVersion = "unsupported-version";

    public const string InvalidName = "invalid-name";
    public const string InvalidGaussians = "invalid-gaussians";
    public const string InvalidCameras = "invalid-cameras";
    public const string InvalidImages = "invalid-images";
    public const string InvalidMasks = "invalid-masks";
    public const string InvalidModel = "invalid-model";
    public const string UnsupportedFormat = "unsupported-format";

    public const string InvalidOptions = "invalid-options";
    public const string InvalidIdempotencyKey = "invalid-idempotency-key";
    public const string ViewsMissing = "views-missing";
    public const string MasksMissing = "masks-missing";
    public const string ModelMissing = "model-missing";

    public const string InvalidPrompt = "invalid-prompt";
    public const string InvalidCamera = "invalid-camera";
    public const string InvalidSelection = "invalid-selection";
    public const string InvalidExport = "invalid-export";
    public const string ScaleOutOfRange = "scale-out-of-range";
    public const string InvalidPicture = "invalid-picture";

    /// <summary>The code of a bare status, for answers that the framework itself gives.</summary>
    public static string OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => InvalidRequest,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status406NotAcceptable => NotAcceptable,
        StatusCodes.Status408RequestTimeout or StatusCodes.Status504GatewayTimeout => Timeout,
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status503ServiceUnavailable => Busy,
        >= 500 => InternalError,
        _ => InvalidRequest,
    };
}
