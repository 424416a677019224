using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

/// <summary>Measures this process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(ProcessMemory), DisableParallelization = true)]
public sealed class ProcessMemory;

/// <summary>What a resident scene takes, and what a prompt allocates.</summary>
[Collection(nameof(ProcessMemory))]
public sealed class PromptMemoryTests
{
    // Per array: a header, the rest of a cache line or of a block, a last group of the index.
    private const int Constant = 4096;

    [Theory]
    [InlineData(1)]
    [InlineData(1003)]
    [InlineData(200_000)]
    public void A_scene_ready_for_prompts_takes_at_most_120_bytes_a_gaussian(int count)
    {
        Random random = new(count);
        GaussianScene scene = SyntheticScenes.Cloud(random, count, 0.01, 0.02);
        var segmenter = new PromptSegmenter(scene, Model(random, count));

        Assert.InRange(segmenter.ByteCount, 100L * count, 120L * count + Constant);
    }

    [Fact]
    public void Reported_bytes_are_those_that_memory_grows_by()
    {
        const int count = 300_000;
        Random random = new(7);
        AffinityModel model = Model(random, count);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        GaussianScene scene = SyntheticScenes.Cloud(random, count, 0.01, 0.02);
        var segmenter = new PromptSegmenter(scene, model);

        // What other code left in pools may be given up meanwhile: a megabyte or two.
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(grown, 0.94 * segmenter.ByteCount, 1.06 * segmenter.ByteCount);
        QueryFeature point = new(model.Features[..32], 1, 1, [0]);
        long unconnected = segmenter.ByteCount;
        segmenter.Segment([point], [], 0.5, 0.9f, connected: true).Selection.Dispose();
        Assert.Equal(unconnected + 64L * count, segmenter.ByteCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_prompt_allocates_the_same_however_large_the_scene(int threads)
    {
        long small = AllocationOf(20_000, threads);
        long large = AllocationOf(400_000, threads);

        // The masks are of 2.5 and 50 KB. What differs is the row of the ray, 12 bytes a Gaussian on it.
        Assert.True(small is > 0 and < 12_000 && large is > 0 and < 12_000, $"{small} bytes at 20,000 Gaussians, {large} at 400,000.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Similarities_allocate_the_same_however_large_the_scene(int threads)
    {
        long small = AllocationOf(20_000, threads, similarities: true);
        long large = AllocationOf(400_000, threads, similarities: true);

        // The maps are of 20 and 400 KB.
        Assert.True(small is > 0 and < 12_000 && large is > 0 and < 12_000, $"{small} bytes at 20,000 Gaussians, {large} at 400,000.");
    }

    private static long AllocationOf(int count, int threads, bool similarities = false)
    {
        Random random = new(count);
        GaussianScene scene = SyntheticScenes.Cloud(random, count, 0.002, 0.02);
        var segmenter = new PromptSegmenter(scene, Model(random, count)) { MaxThreads = threads };
        PinholeCamera camera = SyntheticScenes.LookAt([0, 0, -3], [0, 0, 0]);
        var prompt = new PointPrompt(camera, [new PromptPoint(new PixelPosition(camera.Width / 2f, camera.Height / 2f), true)], 0.4);
        const int prompts = 50;
        Run();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Run();
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / prompts;

        void Run()
        {
            for (int i = 0; i < prompts; i++)
            {
                if (similarities)
                {
                    segmenter.Similarities(prompt, threads, CancellationToken.None).Map.Dispose();
                }
                else
                {
                    segmenter.Segment(prompt, CancellationToken.None).Selection.Dispose();
                }
            }
        }
    }

    private static AffinityModel Model(Random random, int count)
    {
        float[] features = new float[32 * count];
        foreach (ref float value in features.AsSpan())
        {
            value = (float)SyntheticScenes.Signed(random);
        }

        return FilterFixtures.Model(32, features);
    }
}
