using Saga.Benchmarks.Sharding;

namespace Saga.Benchmarks.Tests.Sharding;

public sealed class MaskRunsTests
{
    [Theory]   // nothing, everything, one bit at the borders of an element, alternating bits
    [InlineData(new ushort[] { 0 }, 1)]
    [InlineData(new ushort[] { 0xFFFF }, 2)]
    [InlineData(new ushort[] { 0x0001, 0x8000 }, 4)]
    [InlineData(new ushort[] { 0xFFFF, 0xFFFF, 0x0000 }, 3)]
    [InlineData(new ushort[] { 0x5555 }, 17)]
    public void Runs_are_read_back(ushort[] mask, int expectedBytes)
    {
        byte[] runs = MaskRuns.Encode(mask);

        Assert.Equal(expectedBytes, runs.Length);
        Assert.Equal(mask, MaskRuns.Decode(runs, mask.Length));
    }

    [Fact]
    public void Random_masks_of_any_density_are_read_back()
    {
        var random = new Random(1);
        for (int density = 0; density <= 100; density += 5)
        {
            ushort[] mask = new ushort[500];
            for (int bit = 0; bit < 16 * mask.Length; bit++)
            {
                mask[bit / 16] |= (ushort)((random.Next(100) < density ? 1 : 0) << (bit % 16));
            }

            Assert.Equal(mask, MaskRuns.Decode(MaskRuns.Encode(mask), mask.Length));
        }
    }
}
