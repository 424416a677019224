using System.Text;
using Saga.Engine.Masks;

namespace Saga.Tests.Masks;

public sealed class CocoRleTests
{
    // Worked out by hand: a digit is 48 + 5 bits, + 32 if more follow; the sign is bit 4 of the last; runs from the fourth on are differences.
    // 5 → '5'. 16 would read as negative in one digit: 16 + 32 → '`', then 0 → '0'. 100 = 4 + 3·32 → 4 + 32 → 'T', 3 → '3'.
    // [2,3,4,3] of 3×4: fourth run 3 - 3 = 0 → "2340". [1,4,2,1,4]: 1 - 4 = -3 → 29 → 'M'; 4 - 2 = 2 → "142M2".
    [Theory]
    [InlineData(5, 1, "5", new[] { 5 })]
    [InlineData(4, 4, "`0", new[] { 16 })]
    [InlineData(10, 10, "T3", new[] { 100 })]
    [InlineData(10, 10, "0T3", new[] { 0, 100 })]
    [InlineData(4, 3, "2340", new[] { 2, 3, 4, 3 })]
    [InlineData(4, 3, "142M2", new[] { 1, 4, 2, 1, 4 })]
    public void Counts_strings_match_those_worked_out_by_hand(int width, int height, string counts, int[] runs)
    {
        BinaryMask expected = BinaryMask.FromRunLengths(width, height, runs);

        Assert.Equal(expected.RunEnds.ToArray(), CocoRle.Decode(width, height, Encoding.ASCII.GetBytes(counts)).RunEnds.ToArray());
        Assert.Equal(counts, CocoRle.Encode(expected));
    }

    [Theory]
    [InlineData("5", "cover 5 pixels")]
    [InlineData("", "cover 0 pixels")]
    [InlineData("T3", "overrun")]
    [InlineData("23T", "ends within a number")]
    [InlineData("2 3", "Byte 1")]
    [InlineData("2p3", "Byte 1")]
    [InlineData("2~", "Byte 1")]
    [InlineData("M", "length -3")]
    [InlineData("142K", "length -1")]
    [InlineData("PPPPPPPPPPPPPPPPPP0", "longer than 7 digits")]
    [InlineData("oooooo?", "length")]
    public void Damaged_counts_strings_are_refused(string counts, string reason)
    {
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(
            () => CocoRle.Decode(4, 3, Encoding.ASCII.GetBytes(counts)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_give_a_mask_or_a_refusal()
    {
        var random = new Random(5);
        byte[] bytes = new byte[24];
        for (int i = 0; i < 20_000; i++)
        {
            int length = random.Next(bytes.Length);
            for (int b = 0; b < length; b++)
            {
                bytes[b] = (byte)random.Next(46, 114);
            }

            try
            {
                BinaryMask mask = CocoRle.Decode(6, 6, bytes.AsSpan(0, length));
                Assert.Equal(36, mask.RunEnds[^1]);
            }
            catch (InvalidMaskException)
            {
                // A refusal is as good.
            }
        }
    }
}
