using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

[Trait("Category", "Kernel")]
public class SelectionPassTests
{
    [Theory]   // one chunk, several, and enough for as many threads as are allowed
    [InlineData(1, 1)]
    [InlineData(1, 8)]
    [InlineData(4097, 2)]
    [InlineData(100_003, 1)]
    [InlineData(100_003, 2)]
    [InlineData(100_003, 7)]
    public void File_order_holds_the_bits_of_engine_order_whatever_the_threads(int count, int threads)
    {
        Random random = new(count + threads);
        BlockScorer scorer = Scorer(random, count);

        // As in a file with records that are no Gaussian of the scene: indices have gaps.
        int fileCount = count + count / 3 + 1;
        int[] records = [.. Enumerable.Range(0, fileCount)];
        random.Shuffle(records);
        int[] fileIndices = records[..count];
        ushort[] selected = new ushort[scorer.BlockCount];
        SelectionPass.Run(scorer, threads, selected, CancellationToken.None);
        byte[] bits = new byte[(fileCount + 7) / 8];

        SelectionPass.RunInFileOrder([scorer], fileIndices, threads, [bits], CancellationToken.None);

        byte[] expected = new byte[bits.Length];
        for (int i = 0; i < count; i++)
        {
            expected[fileIndices[i] >> 3] |= (byte)((selected[i / 16] >> (i % 16) & 1) << (fileIndices[i] & 7));
        }

        Assert.Equal(expected, bits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_cancelled_prompt_ends_with_the_cancellation(int threads)
    {
        BlockScorer scorer = Scorer(new Random(1), 60_000);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(
            () => SelectionPass.Run(scorer, threads, new ushort[scorer.BlockCount], cancelled.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => SelectionPass.RunInFileOrder(
            [scorer], [.. Enumerable.Range(0, 60_000)], threads, [new byte[60_000 / 8]], cancelled.Token));
    }

    private static BlockScorer Scorer(Random random, int count)
    {
        FeatureBlocks features = FeatureBlocks.From(
            FilterFixtures.Model(8, FilterFixtures.Uniform(random, count * 8)));
        return new BlockScorer(
            features, FilterFixtures.RandomQueries(random, 8, 1, 1), 0.1f);
    }
}
