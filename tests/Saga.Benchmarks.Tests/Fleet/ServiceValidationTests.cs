using Saga.Benchmarks.Fleet;

namespace Saga.Benchmarks.Tests.Fleet;

/// <summary>The simulation against what benchmarks/README.md says was measured of the real service, on two cores.</summary>
public sealed class ServiceValidationTests
{
    // The README: absolute times vary by a third between runs on that machine.
    private const double Tolerance = 1.0 / 3;

    [Fact]
    public void Clients_get_as_many_answers_as_measured() => Assert.All(ServiceCheck.Measured, row =>
    {
        FleetResult result = ServiceCheck.Simulate(row);

        Assert.True(
            Math.Abs(result.PromptsPerSecond / row.PromptsPerSecond - 1) <= Tolerance, $"{row}: {result.PromptsPerSecond} simulated");

        // Little's law ties the two together, whatever the work's shape.
        double expected = row.Clients / result.PromptsPerSecond;
        Assert.Equal(expected, result.Answers.Average(answer => answer.Seconds), 0.02 * expected);
    });

    [Fact]
    public void The_soak_loads_as_many_scenes_as_measured()
    {
        FleetResult result = ServiceCheck.SimulateSoak();

        // «Seven of ten» is no finer than this.
        Assert.Equal(ServiceCheck.SoakLoads, result.Loads / (double)result.Answers.Count, 0.05);
    }
}
