using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation.Sam;

namespace Saga.Engine.Tests.Masks.Generation.Sam;

public sealed class SmallRegionsTests
{
    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(1, 60, 0.5)]
    [InlineData(60, 1, 0.5)]
    [InlineData(30, 20, 0.2)]
    [InlineData(30, 20, 0.5)]
    [InlineData(41, 57, 0.6)]
    [InlineData(41, 57, 0.95)]
    public void Agrees_with_a_flood_fill_pixel_by_pixel(int width, int height, double density)
    {
        Random random = new(width * 1000 + height);
        for (int round = 0; round < 20; round++)
        {
            bool[] pixels = [.. Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < density)];
            int minArea = random.Next(1, 40);
            BinaryMask mask = Mask(pixels, width, height);

            BinaryMask cleaned = SmallRegions.Remove(mask, minArea);

            bool[] expected = Flooded(Flooded(pixels, width, height, false, minArea), width, height, true, minArea);
            Assert.True(
                Mask(expected, width, height).RunEnds.SequenceEqual(cleaned.RunEnds), $"round {round}, {width}×{height}, {minArea} pixels");
        }
    }

    [Fact]
    public void A_mask_without_small_regions_is_left_as_it_is()
    {
        BinaryMask mask = Mask([.. Enumerable.Range(0, 400).Select(i => i % 20 < 10)], 20, 20);

        Assert.Same(mask, SmallRegions.Remove(mask, 100));
    }

    [Fact]
    public void An_empty_mask_stays_empty_and_a_full_one_full()
    {
        Assert.Equal(0, SmallRegions.Remove(Mask(new bool[100], 10, 10), 50).Area);
        Assert.True(SmallRegions.Remove(Mask([.. Enumerable.Repeat(true, 100)], 10, 10), 1000).IsFull);
    }

    [Fact]
    public void Regions_that_touch_at_a_corner_are_one_but_not_across_the_picture()
    {
        // Three pieces that touch at corners, and one at the top of a column that begins where the column before ends: one run, two regions.
        string[] rows =
        [
            "##...#",
            "##...#",
            "..##..",
            "..##..",
            "....#.",
            "....#.",
        ];
        bool[] pixels = [.. string.Concat(rows).Select(c => c == '#')];

        BinaryMask cleaned = SmallRegions.Remove(Mask(pixels, 6, 6), 5);

        Assert.True(cleaned.Contains(0, 0) && cleaned.Contains(3, 3) && cleaned.Contains(4, 5));
        Assert.False(cleaned.Contains(5, 1));
    }

    private static BinaryMask Mask(bool[] pixels, int width, int height) =>
        BinaryMask.FromPixels(width, height, [.. pixels.Select(p => (byte)(p ? 1 : 0))]);

    /// <summary>Regions below the area change sides; of set ones the largest stays, of equals the one that begins first, column by column.</summary>
    private static bool[] Flooded(bool[] pixels, int width, int height, bool set, int minArea)
    {
        List<List<int>> regions = [];
        bool[] seen = new bool[pixels.Length];
        for (int column = 0; column < width; column++)
        {
            for (int row = 0; row < height; row++)
            {
                int start = row * width + column;
                if (pixels[start] == set && !seen[start])
                {
                    regions.Add(Region(pixels, width, height, start, seen));
                }
            }
        }

        List<List<int>> small = [.. regions.Where(r => r.Count < minArea)];
        if (set && small.Count > 0 && small.Count == regions.Count)
        {
            small.Remove(regions.MaxBy(r => r.Count)!);
        }

        bool[] result = [.. pixels];
        foreach (int pixel in small.SelectMany(r => r))
        {
            result[pixel] = !set;
        }

        return result;
    }

    private static List<int> Region(bool[] pixels, int width, int height, int start, bool[] seen)
    {
        List<int> region = [];
        Stack<int> open = new([start]);
        seen[start] = true;
        while (open.TryPop(out int pixel))
        {
            region.Add(pixel);
            for (int near = 0; near < 9; near++)
            {
                int x = pixel % width + near % 3 - 1, y = pixel / width + near / 3 - 1;
                if (x >= 0 && x < width && y >= 0 && y < height && !seen[y * width + x] && pixels[y * width + x] == pixels[start])
                {
                    seen[y * width + x] = true;
                    open.Push(y * width + x);
                }
            }
        }

        return region;
    }
}
