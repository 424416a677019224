using Saga.Engine.Masks.Generation;
using Saga.Engine.Masks.Generation.Builtin;
using Saga.Engine.Masks.Generation.Sam;
using Saga.Engine.Onnx;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Masks;

/// <summary>One way to make masks.</summary>
/// <param name="Name">As the job option <c>maskSource</c> and the job's report call it.</param>
/// <param name="Parallelism">How many views are worked on at once, each by a generator of its own.</param>
/// <param name="Open">Opens a generator; may take seconds.</param>
public sealed record MaskGeneratorSource(string Name, int Parallelism, Func<CancellationToken, IMaskGenerator> Open);

/// <summary>The mask generators of this worker.</summary>
/// <param name="builtin">The one that needs no weights.</param>
/// <param name="sam">Segment Anything; asked for every job, for a model may be installed while the worker runs. Null: not installed.</param>
public sealed class MaskGenerators(MaskGeneratorSource builtin, Func<MaskGeneratorSource?> sam)
{
    /// <summary>What to tell who asks for SAM where it is not installed.</summary>
    public const string SamMissing =
        "maskSource is «sam», and Segment Anything is not installed: its weights are not part of this service. "
        + "`./run models` says which files it looks for, where to get them and whether they are right; «builtin» needs none.";

    /// <summary>True when jobs may ask for SAM.</summary>
    public bool HasSam => sam() is not null;

    /// <summary>Those that come with the service, and those whose models are installed.</summary>
    public static MaskGenerators Installed(SagaWorkerOptions options)
    {
        // One generator works on one core, so as many views as there are cores; SAM's runtime uses all of them for one.
        var builtin = new MaskGeneratorSource("builtin", int.MaxValue, _ => new BuiltinMaskGenerator());
        if (options.ModelsDirectory is not { } models)
        {
            return new MaskGenerators(builtin, () => null);
        }

        var folder = new ModelFolder(models, SamMaskGenerator.ModelName);
        var sam = new MaskGeneratorSource(
            "sam", 1, cancellationToken => SamMaskGenerator.Open(folder, new SamOptions(), options.MaxThreads, cancellationToken));
        return new MaskGenerators(builtin, () => SamMaskGenerator.IsInstalled(folder) ? sam : null);
    }

    /// <summary>The generator of a job whose scene's uploaded masks are not used.</summary>
    /// <param name="maskSource"><c>auto</c>, <c>sam</c> or <c>builtin</c>.</param>
    /// <exception cref="JobFailedException">SAM is asked for and not installed.</exception>
    public MaskGeneratorSource Choose(string maskSource) => maskSource switch
    {
        "builtin" => builtin,
        "sam" => sam() ?? throw new JobFailedException(new JobFailure("model-missing", SamMissing)),
        _ => sam() ?? builtin,
    };
}
