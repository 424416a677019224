using Saga.Persistence.Selections;

namespace Saga.Persistence.Tests.Selections;

public sealed class MaskDeltaTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(125_001)]
    public void A_difference_leads_there_and_back(int length)
    {
        Random random = new(length);
        byte[] one = new byte[length];
        byte[] other = new byte[length];
        random.NextBytes(one);
        random.NextBytes(other);

        byte[] delta = MaskDelta.Between(one, other);

        Assert.Equal(other, MaskDelta.Apply(one, delta));
        Assert.Equal(one, MaskDelta.Apply(other, delta));
    }

    [Fact]
    public void A_small_change_of_a_large_mask_takes_few_bytes()
    {
        byte[] one = new byte[1_250_000];
        new Random(1).NextBytes(one);
        byte[] other = [.. one];
        other[77] ^= 4;
        other[900_000] ^= 0x80;

        Assert.InRange(MaskDelta.Between(one, other).Length, 1, 100);
    }

    [Fact]
    public void A_difference_that_does_not_fit_is_noticed()
    {
        byte[] delta = MaskDelta.Between(new byte[100], new byte[100]);
        byte[] noise = new byte[64];
        new Random(2).NextBytes(noise);

        Assert.Null(MaskDelta.Apply(new byte[99], delta));
        Assert.Null(MaskDelta.Apply(new byte[101], delta));
        Assert.Null(MaskDelta.Apply(new byte[100], delta.AsSpan(0, delta.Length - 1)));
        Assert.Null(MaskDelta.Apply(new byte[100], []));
        Assert.Null(MaskDelta.Apply(new byte[100], noise));
        Assert.Throws<ArgumentException>(() => MaskDelta.Between(new byte[2], new byte[3]));
    }

    [Fact]
    public void A_difference_that_unpacks_to_gigabytes_is_not_unpacked()
    {
        byte[] huge = MaskDelta.Between(new byte[1 << 26], new byte[1 << 26]);
        Assert.InRange(huge.Length, 1, 1000);

        Assert.Null(MaskDelta.Apply(new byte[10], huge));
    }
}
