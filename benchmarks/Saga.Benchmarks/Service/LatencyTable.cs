namespace Saga.Benchmarks.Service;

/// <summary>Percentiles of a run as a row of a Markdown table.</summary>
internal static class LatencyTable
{
    public const string Header =
        """
        | clients | prompts | prompts/s | p50 ms | p99 ms | largest ms | service p50: feature | match | total |
        |---|---|---|---|---|---|---|---|---|
        """;

    public static string Row(string clients, IReadOnlyList<PromptAnswer> answers, double seconds)
    {
        double[] all = [.. answers.Select(a => a.Milliseconds).Order()];
        double Service(string part) => Percentile([.. answers.Select(a => a.Timing[part]).Order()], 0.5);
        return FormattableString.Invariant($"| {clients} | {all.Length} | {all.Length / seconds:0} | {Percentile(all, 0.5):0.00} | ")
            + FormattableString.Invariant($"{Percentile(all, 0.99):0.00} | {all[^1]:0.00} | ")
            + FormattableString.Invariant($"{Service("feature"):0.00} | {Service("match"):0.00} | {Service("total"):0.00} |");
    }

    /// <summary>The smallest value that at least this share does not exceed.</summary>
    public static double Percentile(double[] ascending, double share) =>
        ascending[Math.Clamp((int)Math.Ceiling(share * ascending.Length) - 1, 0, ascending.Length - 1)];
}
