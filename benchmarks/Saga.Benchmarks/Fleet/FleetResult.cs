using Saga.Benchmarks.Service;

namespace Saga.Benchmarks.Fleet;

/// <summary>An answered prompt.</summary>
/// <param name="AskedAt">Simulated second.</param>
/// <param name="Seconds">Until the answer.</param>
/// <param name="Hit">True where all that it needed was in memory.</param>
internal readonly record struct AnsweredPrompt(double AskedAt, double Seconds, bool Hit);

/// <summary>What a simulation saw.</summary>
/// <param name="Answers">The counted prompts, in the order of their answers.</param>
/// <param name="Seconds">Simulated seconds from the first to the last of them.</param>
/// <param name="CoreShare">Share of all cores' time in use, over the whole simulation.</param>
/// <param name="Loads">Loads, over the whole simulation.</param>
/// <param name="WholeSeconds">Simulated seconds of the whole simulation.</param>
/// <param name="PeakBytes">Most bytes of scenes in memory, over all machines.</param>
internal sealed record FleetResult(
    IReadOnlyList<AnsweredPrompt> Answers, double Seconds, double CoreShare, int Loads, double WholeSeconds, long PeakBytes)
{
    private const double DrainedShare = 1.05;

    /// <summary>Answers a second.</summary>
    public double PromptsPerSecond => Answers.Count / Seconds;

    /// <summary>Share of the prompts that found all in memory.</summary>
    public double HitRatio => Answers.Count(answer => answer.Hit) / (double)Answers.Count;

    /// <summary>Loads a second.</summary>
    public double LoadsPerSecond => Loads / WholeSeconds;

    /// <summary>False where queues grew: after the last prompt was asked it took long to answer all.</summary>
    public bool KeepsUp => WholeSeconds <= DrainedShare * Answers.Max(answer => answer.AskedAt);

    /// <summary>Seconds that a share of the prompts does not exceed.</summary>
    /// <param name="share">In [0, 1].</param>
    /// <param name="from">Of those asked from here on.</param>
    /// <param name="to">Until here.</param>
    public double Percentile(double share, double from = 0, double to = double.PositiveInfinity) => LatencyTable.Percentile(
        [.. Answers.Where(answer => answer.AskedAt >= from && answer.AskedAt < to).Select(answer => answer.Seconds).Order()], share);
}
