using Saga.Engine.Masks.Generation;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Masks;

/// <summary>One way to make masks.</summary>
/// <param name="Name">As the job option <c>maskSource</c> and the job's report call it.</param>
/// <param name="Parallelism">How many views are worked on at once, each by a generator of its own.</param>
/// <param name="Open">Opens a generator; may take seconds.</param>
public sealed record MaskGeneratorSource(string Name, int Parallelism, Func<CancellationToken, IMaskGenerator> Open);

/// <summary>The mask generators of this worker.</summary>
/// <param name="builtin">The one that needs no weights; null where there is none.</param>
/// <param name="sam">Segment Anything; asked for every job, for a model may be installed while the worker runs. Null: not installed.</param>
public sealed class MaskGenerators(MaskGeneratorSource? builtin, Func<MaskGeneratorSource?> sam)
{
    /// <summary>What to tell who asks for SAM where it is not installed.</summary>
    public const string SamMissing =
        "maskSource is «sam», and Segment Anything is not installed: its weights are not part of this service. "
        + "`./run models` says which files it looks for, where to get them and whether they are right; «builtin» needs none.";

    /// <summary>True when jobs may ask for SAM.</summary>
    public bool HasSam => sam() is not null;

    /// <summary>Those that come with the service, and those whose models are installed.</summary>
    public static MaskGenerators Installed(SagaWorkerOptions options) => new(null, () => null);

    /// <summary>The generator of a job whose scene's uploaded masks are not used.</summary>
    /// <param name="maskSource"><c>auto</c>, <c>sam</c> or <c>builtin</c>.</param>
    /// <exception cref="JobFailedException">It is not there.</exception>
    public MaskGeneratorSource Choose(string maskSource) => (maskSource, sam(), builtin) switch
    {
        ("sam" or "auto", { } found, _) => found,
        ("sam", null, _) => throw new JobFailedException(new JobFailure("model-missing", SamMissing)),
        (_, _, { } found) => found,
        _ => throw new JobFailedException(new JobFailure(
            "generator-missing", $"maskSource is «{maskSource}», and this worker has no mask generator; upload masks and use «uploaded».")),
    };
}
