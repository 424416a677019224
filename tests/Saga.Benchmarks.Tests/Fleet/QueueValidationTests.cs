using Saga.Benchmarks.Fleet;

namespace Saga.Benchmarks.Tests.Fleet;

/// <summary>The simulated queues against closed formulas. A seed makes each figure certain; the tolerance is the statistics' own.</summary>
public sealed class QueueValidationTests
{
    // Batches are long against the memory of the queue, so that their means are nearly independent.
    private const int Batches = 25;
    private const int Prompts = 500_000;

    // Student's t of 24 degrees of freedom is beyond 3.7 once in a thousand.
    private const double StandardErrors = 3.7;

    // A test whose error is greater than this would pass with a wrong queue.
    private const double MaxRelativeError = 0.03;

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(1, 0.8)]
    [InlineData(4, 0.8)]
    [InlineData(16, 0.9)]
    public void Exponential_work_waits_as_Erlang_says(int cores, double load)
    {
        const double service = 0.01;
        double arrivals = load * cores / service;
        FleetResult result = FleetSimulation.Run(OneMachine(cores, arrivals, service) with { Shape = WorkShape.Exponential });

        AssertMean(QueueFormulas.WaitOfExponentialService(arrivals, service, cores) + service, result);
        Assert.Equal(load, result.CoreShare, 0.01);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Constant_work_waits_as_Pollaczek_and_Khinchine_say(double load)
    {
        const double service = 0.01;
        double arrivals = load / service;
        FleetResult result = FleetSimulation.Run(OneMachine(1, arrivals, service));

        AssertMean(QueueFormulas.WaitOfConstantService(arrivals, service) + service, result);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(32)]
    public void The_second_phase_takes_as_long_as_the_slowest_shard(int shards)
    {
        // So few prompts that none meets another; the whole prompt's work is such that one shard's mean is a second.
        FleetResult result = FleetSimulation.Run(new FleetOptions
        {
            Nodes = shards,
            Cores = 1,
            Shards = shards,
            PromptSeconds = shards,
            Shape = WorkShape.Exponential,
            PromptsPerSecond = 1e-4,
            Prompts = 50_000,
            WarmUpTouches = 1,
        });

        AssertMean(QueueFormulas.SlowestOf(shards), result);
    }

    [Fact]
    public void Formulas_give_textbook_values()
    {
        // M/M/1 at ρ = ½: ρ/(μ−λ) = 1 of a second's service. Erlang C of 2 servers at ρ = ½: a third of the arrivals wait.
        Assert.Equal(1, QueueFormulas.WaitOfExponentialService(0.5, 1, 1), 1e-12);
        Assert.Equal(1.0 / 3, QueueFormulas.WaitOfExponentialService(1, 1, 2), 1e-12);
        Assert.Equal(0.5, QueueFormulas.WaitOfConstantService(0.5, 1), 1e-12);
        Assert.Equal(11.0 / 6, QueueFormulas.SlowestOf(3), 1e-12);
    }

    private static FleetOptions OneMachine(int cores, double arrivals, double service) => new()
    {
        Cores = cores,
        PromptSeconds = service,
        PromptsPerSecond = arrivals,
        UncountedPrompts = Prompts / Batches,
        Prompts = Prompts,
        WarmUpTouches = 1,
    };

    private static void AssertMean(double expected, FleetResult result)
    {
        double[] means = [.. result.Answers.Chunk(result.Answers.Count / Batches).Select(batch => batch.Average(answer => answer.Seconds))];
        double mean = means.Average();
        double error = Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (means.Length - 1) / means.Length);
        Assert.True(error <= MaxRelativeError * expected, $"the error {error} of {expected} is too great to tell anything");
        Assert.True(
            Math.Abs(mean - expected) <= StandardErrors * error, $"{mean} instead of {expected}, with a standard error of {error}");
    }
}
