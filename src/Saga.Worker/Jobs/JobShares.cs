using Saga.Engine.Training;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Jobs;

/// <summary>How the steps of a training share the progress bar, from typical times.</summary>
/// <param name="MasksShare">Of making masks; 0 where they are uploaded.</param>
internal sealed record JobShares(double MasksShare)
{
    private const double ReadingShare = 0.02;
    private const double SavingShare = 0.01;

    /// <summary>The built-in generator takes about as long as the training, SAM on a processor longer.</summary>
    private const double TypicalMasksShare = 0.5;

    /// <summary>Of a job that makes its masks or reads uploaded ones.</summary>
    public static JobShares Of(bool makesMasks) => new(makesMasks ? TypicalMasksShare : 0);

    /// <summary>Some views have their masks.</summary>
    public JobProgress MakingMasks(int done, int views, double? secondsLeft) => new(
        FormattableString.Invariant($"making masks ({done} of {views} views)"),
        ReadingShare + (MasksShare * done / views),
        EtaSeconds: secondsLeft);

    /// <summary>The training is under way.</summary>
    public JobProgress Training(TrainingProgress value) => new(
        value.Stage,
        ReadingShare + MasksShare + ((1 - ReadingShare - MasksShare - SavingShare) * value.Fraction),
        value.Iteration,
        value.Iterations,
        value.Loss,
        value.IterationsPerSecond is > 0 ? (value.Iterations - value.Iteration) / value.IterationsPerSecond : null);

    /// <summary>The model is being written.</summary>
    public static JobProgress Saving(int iterations, double loss) => new("saving the model", 1 - SavingShare, iterations, iterations, loss, 0);
}
