using Saga.Benchmarks.Fleet;

namespace Saga.Benchmarks.Tests.Fleet;

/// <summary>Simulated memory against Che's approximation, and what routing promises.</summary>
public sealed class MemoryValidationTests
{
    [Theory]   // uniform, as measured on the web, steep; little and much of it in memory
    [InlineData(0, 0.25)]
    [InlineData(0.8, 0.05)]
    [InlineData(0.8, 0.5)]
    [InlineData(1.1, 0.1)]
    public void Scenes_are_found_in_memory_as_often_as_Che_says(double exponent, double share)
    {
        const int scenes = 2000;
        const int prompts = 200_000;
        ScenePopularity popularity = ScenePopularity.Zipf(scenes, exponent);
        double expected = QueueFormulas.HitRatioOfLru(popularity.Shares, share * scenes);

        FleetResult result = FleetSimulation.Run(new FleetOptions
        {
            Popularity = popularity,
            SceneBytes = 1,
            MemoryBytes = (long)(share * scenes),
            PromptsPerSecond = 1,
            WarmUpTouches = 20 * scenes,
            Prompts = prompts,
        });

        // Binomial, and prompts depend on one another through what is in memory: half a percent for the approximation and that.
        double tolerance = 4 * Math.Sqrt(expected * (1 - expected) / prompts) + 0.005;
        Assert.Equal(expected, result.HitRatio, tolerance);
        Assert.Equal(result.Loads, result.Answers.Count(answer => !answer.Hit));
    }

    [Fact]
    public void Who_asks_while_a_scene_is_loaded_shares_the_load()
    {
        FleetResult result = FleetSimulation.Run(new FleetOptions
        {
            Cores = 4,
            SceneBytes = 1,
            LoadSeconds = 1,
            PromptSeconds = 0.001,
            PromptsPerSecond = 100,
            Prompts = 500,
        });

        Assert.Equal(1, result.Loads);
        Assert.InRange(result.Answers.Count(answer => !answer.Hit), 60, 140);
        Assert.InRange(result.Percentile(1), 1, 1.1);
    }

    [Fact]
    public void A_dead_node_moves_its_scenes_and_no_others()
    {
        const int nodes = 10;
        const int scenes = 20_000;
        var ring = new HashRing(nodes);
        int[] before = [.. Enumerable.Range(0, scenes).Select(scene => ring.NodeOf(scene, _ => true))];

        for (int scene = 0; scene < scenes; scene++)
        {
            int after = ring.NodeOf(scene, node => node != 3);
            Assert.True(before[scene] == 3 ? after != 3 : after == before[scene], $"scene {scene}: {before[scene]}, then {after}");
        }

        // 160 points a node share the ring out with a standard deviation of 1/√160, 8 %; four of those.
        int[] perNode = [.. Enumerable.Range(0, nodes).Select(node => before.Count(n => n == node))];
        Assert.All(perNode, count => Assert.InRange(count, scenes / nodes * 0.68, scenes / nodes * 1.32));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(8, 2)]
    public void When_a_node_dies_every_prompt_is_answered(int shards, int copies)
    {
        var options = new FleetOptions
        {
            Nodes = 4,
            Cores = 2,
            Popularity = ScenePopularity.Zipf(40, 0.8),
            SceneBytes = 8,
            Shards = shards,
            Copies = copies,
            LoadSeconds = 0.5,
            PromptSeconds = 0.01,
            RaySeconds = 0.0001,
            HopSeconds = 0.0002,
            PromptsPerSecond = 200,
            Prompts = 10_000,
            WarmUpTouches = 1000,
            FailAt = 20,
            FailSeconds = 10,
        };

        FleetResult result = FleetSimulation.Run(options);

        Assert.Equal(options.Prompts, result.Answers.Count);

        // With a second machine for each shard nobody waits for a load, which takes half a second for all shards of a scene.
        double after = result.Percentile(0.99, 20, 30);
        double before = result.Percentile(0.99, 5, 20);
        Assert.True(copies == 2 ? after < 0.5 / shards / 2 : after > 0.2, $"p99 {before} s before, {after} s after");
        Assert.True(result.Percentile(0.99, 45) < 2 * before, "the fleet has not recovered");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_node_that_returns_is_a_cold_one_unless_it_fetches_first(bool returnsWarm)
    {
        FleetResult result = FleetSimulation.Run(new FleetOptions
        {
            Nodes = 4,
            Popularity = ScenePopularity.Zipf(200, 0.8),
            SceneBytes = 1,
            LoadBytes = 1,
            LoadSeconds = 0.1,
            LinkBytesPerSecond = 5,
            PromptSeconds = 0.001,
            PromptsPerSecond = 100,
            Prompts = 20_000,
            WarmUpTouches = 10_000,
            FailAt = 50,
            FailSeconds = 20,
            ReturnsWarm = returnsWarm,
        });

        Assert.InRange(result.Percentile(0.5, 0, 45), 0, 0.01);
        double returned = result.Percentile(0.99, 70, 85);
        Assert.True(returnsWarm ? returned < 0.01 : returned > 0.5, $"p99 {returned} s after the return");
    }

    [Fact]
    public void The_seed_decides_everything()
    {
        var options = new FleetOptions
        {
            PromptSeconds = 0.01,
            Shape = WorkShape.LogNormal,
            Variation = 1,
            PromptsPerSecond = 100,
            Prompts = 2000,
        };

        Assert.Equal(FleetSimulation.Run(options).Answers, FleetSimulation.Run(options).Answers);
        Assert.NotEqual(FleetSimulation.Run(options).Answers, FleetSimulation.Run(options with { Seed = 1 }).Answers);
    }
}
