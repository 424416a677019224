using System.Diagnostics;
using System.Globalization;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Training;
using Saga.Cli.CommandLine;
using Saga.Engine.Affinity;
using Saga.Engine.Numerics;
using Saga.Engine.OpenVocabulary;

namespace Saga.Benchmarks.OpenVocabulary;

/// <summary><c>bench vocabulary</c>: many masks vote for anchors and are grouped: the part of a vocabulary that grows with the square of their number.</summary>
/// <remarks>A mask's feature is that of a random Gaussian, at a random scale: it votes for the Gaussians of its cell.</remarks>
internal static class VocabularyGrouping
{
    private const int MaskPurpose = 113;

    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["gaussians", "masks", "views"], []);
        int gaussians = (int)(arguments.Whole("gaussians", 1, 100_000_000) ?? 1_000_000);
        int masks = (int)(arguments.Whole("masks", 1, 1_000_000) ?? 30_000);
        int views = (int)(arguments.Whole("views", 1, 100_000) ?? 300);

        AffinityModel model = SyntheticModel.Create(ScaledScene.Create(gaussians).Gaussians);
        (float[] quantiles, float[] queries) = Draw(model, masks);
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long loaded = Environment.WorkingSet;
        var peak = new PeakMemory();
        double voting;
        double grouping;
        long voteBytes;
        int[] clusters;
        using (peak)
        {
            long start = Stopwatch.GetTimestamp();
            AnchorVotes votes = AnchorVotes.Cast(model, quantiles, queries, seed: 0, cancellationToken);
            voting = Stopwatch.GetElapsedTime(start).TotalSeconds;
            voteBytes = votes.ByteCount;
            start = Stopwatch.GetTimestamp();
            clusters = MaskClusters.Of(votes, views, Environment.ProcessorCount, cancellationToken);
            grouping = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Console.WriteLine(MachineDescription.ToMarkdown());
        Console.WriteLine($"Vocabulary: {masks} masks over {gaussians} Gaussians");
        Console.WriteLine();
        Console.WriteLine("| what | figure |");
        Console.WriteLine("|---|---|");
        Row("voting, s", voting, "0.0");
        Row("grouping, s", grouping, "0.0");
        Row("votes, MiB", voteBytes / 1048576.0, "0");
        Row("largest over scene and features, MiB", (peak.Bytes - loaded) / 1048576.0, "0");
        Row("clusters", clusters.Max() + 1, "0");
        Row("masks in them", clusters.Count(cluster => cluster != MaskVocabulary.NoCluster), "0");
    }

    private static (float[] Quantiles, float[] Queries) Draw(AffinityModel model, int masks)
    {
        float[] quantiles = new float[masks];
        float[] queries = new float[masks * model.Dimension];
        for (int m = 0; m < masks; m++)
        {
            var random = new CounterRandom(0, MaskPurpose, m);
            quantiles[m] = (float)random.NextDouble();
            model.Features.AsSpan(random.Next(model.Count) * model.Dimension, model.Dimension).CopyTo(queries.AsSpan(m * model.Dimension));
        }

        return (quantiles, queries);
    }

    private static void Row(string what, double value, string format) =>
        Console.WriteLine($"| {what} | {value.ToString(format, CultureInfo.InvariantCulture)} |");
}
