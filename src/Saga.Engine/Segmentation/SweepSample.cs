namespace Saga.Engine.Segmentation;

/// <summary>Which blocks a sweep over scales looks at: all of a small scene, of a large one those near the points and every so many of the rest.</summary>
/// <remarks>
/// A part of a few hundred Gaussians in a million would hardly be met by chance. Blocks follow the Morton curve, so those before
/// and after a point's own are mostly its surroundings; they are taken whole, and the rest of the scene counts by a sample of
/// runs, each for as many as were skipped.
/// </remarks>
internal sealed class SweepSample
{
    /// <summary>Blocks of a run, scored at all scales while they are in the first-level cache.</summary>
    public const int RunBlocks = 8;

    /// <summary>Runs near the points, and again in the rest: together 65,536 Gaussians, some 3 ms of one core at 32 scales.</summary>
    private const int HalfOfRuns = 256;

    private SweepSample(int[] runs, int nearCount, int farWeight)
    {
        Runs = runs;
        NearCount = nearCount;
        FarWeight = farWeight;
    }

    /// <summary>The runs, by number; those near the points first.</summary>
    public int[] Runs { get; }

    /// <summary>How many of them stand for themselves alone.</summary>
    public int NearCount { get; }

    /// <summary>For how many runs each of the others stands.</summary>
    public int FarWeight { get; }

    /// <summary>Chooses the runs.</summary>
    /// <param name="blockCount">Blocks of the scene.</param>
    /// <param name="surfaces">Engine indices of what the points show.</param>
    public static SweepSample Of(int blockCount, IReadOnlyCollection<int> surfaces)
    {
        int runCount = (blockCount + RunBlocks - 1) / RunBlocks;
        if (runCount <= 2 * HalfOfRuns)
        {
            return new SweepSample([.. Enumerable.Range(0, runCount)], runCount, 1);
        }

        int[] centers = [.. surfaces.Select(i => i / (RunBlocks * FeatureBlocks.BlockSize)).Distinct().Order()];
        var near = new HashSet<int>();

        // Outwards from every point in turn, until there are enough.
        for (int distance = 0; near.Count < HalfOfRuns && centers.Length > 0; distance++)
        {
            foreach (int center in centers)
            {
                Add(near, center - distance, runCount);
                Add(near, center + distance, runCount);
            }
        }

        int weight = (runCount - near.Count + HalfOfRuns - 1) / HalfOfRuns;
        IEnumerable<int> far = Enumerable.Range(0, runCount).Where(run => !near.Contains(run)).Where((_, i) => i % weight == weight / 2);
        return new SweepSample([.. near.Order(), .. far], near.Count, weight);
    }

    private static void Add(HashSet<int> near, int run, int runCount)
    {
        if (run >= 0 && run < runCount && near.Count < HalfOfRuns)
        {
            near.Add(run);
        }
    }
}
