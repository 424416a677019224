namespace Saga.Benchmarks.Fleet;

/// <summary>Which scene a prompt asks about.</summary>
internal sealed class ScenePopularity
{
    private readonly double[] _cumulative;

    private ScenePopularity(double[] weights)
    {
        double sum = weights.Sum();
        Shares = [.. weights.Select(weight => weight / sum)];
        _cumulative = new double[weights.Length];
        double reached = 0;
        for (int scene = 0; scene < weights.Length; scene++)
        {
            _cumulative[scene] = reached += Shares[scene];
        }
    }

    /// <summary>Share of the prompts that each scene gets, [scenes].</summary>
    public double[] Shares { get; }

    /// <summary>Zipf's law: the k-th most popular scene gets a share of 1/kˢ.</summary>
    public static ScenePopularity Zipf(int scenes, double exponent) =>
        new([.. Enumerable.Range(1, scenes).Select(rank => Math.Pow(rank, -exponent))]);

    /// <summary>A few scenes get more: what <c>bench soak</c> does.</summary>
    /// <param name="scenes">All scenes.</param>
    /// <param name="hot">Scenes that get more, the first ones.</param>
    /// <param name="hotShare">Share of the prompts that goes to these alone; the rest goes to all.</param>
    public static ScenePopularity Hot(int scenes, int hot, double hotShare) =>
        new([.. Enumerable.Range(0, scenes).Select(scene => (1 - hotShare) / scenes + (scene < hot ? hotShare / hot : 0))]);

    /// <summary>The scene of a uniform number in [0, 1).</summary>
    public int SceneOf(double uniform)
    {
        int at = Array.BinarySearch(_cumulative, uniform);
        return Math.Min(at < 0 ? ~at : at + 1, _cumulative.Length - 1);
    }
}
