namespace Saga.Benchmarks.Fleet;

/// <summary>Closed formulas that the simulation is held against.</summary>
internal static class QueueFormulas
{
    /// <summary>Mean seconds in the queue of M/M/c (Erlang C).</summary>
    /// <param name="arrivalsPerSecond">λ.</param>
    /// <param name="serviceSeconds">1/μ.</param>
    /// <param name="servers">c; λ/μ is below it.</param>
    public static double WaitOfExponentialService(double arrivalsPerSecond, double serviceSeconds, int servers)
    {
        double offered = arrivalsPerSecond * serviceSeconds;

        // Erlang B by its recurrence, which does not overflow.
        double blocked = 1;
        for (int k = 1; k <= servers; k++)
        {
            blocked = offered * blocked / (k + offered * blocked);
        }

        double load = offered / servers;
        double waits = blocked / (1 - load * (1 - blocked));
        return waits * serviceSeconds / (servers * (1 - load));
    }

    /// <summary>Mean seconds in the queue of M/D/1 (Pollaczek–Khinchine).</summary>
    public static double WaitOfConstantService(double arrivalsPerSecond, double serviceSeconds)
    {
        double load = arrivalsPerSecond * serviceSeconds;
        return load * serviceSeconds / (2 * (1 - load));
    }

    /// <summary>Mean of the slowest of n independent exponential times, over the mean of one: 1 + 1/2 + … + 1/n.</summary>
    public static double SlowestOf(int n) => Enumerable.Range(1, n).Sum(k => 1.0 / k);

    /// <summary>
    /// Share of requests that find their object in a memory of the most recently used (Che, Tung, Wang 2002): object i is there when it was
    /// asked for within T, where T is such that Σ (1 − exp(−pᵢ·T)) is the number of objects that fit.
    /// </summary>
    /// <param name="shares">pᵢ.</param>
    /// <param name="capacity">Objects that fit, of equal size.</param>
    public static double HitRatioOfLru(IReadOnlyList<double> shares, double capacity)
    {
        if (capacity >= shares.Count)
        {
            return 1;
        }

        double Filled(double time) => shares.Sum(share => -double.ExpM1(-share * time));
        double low = 0;
        double high = 1;
        while (Filled(high) < capacity)
        {
            high *= 2;
        }

        for (int step = 0; step < 100; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = Filled(middle) < capacity ? (middle, high) : (low, middle);
        }

        return shares.Sum(share => share * -double.ExpM1(-share * high));
    }
}
