namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>Fills small holes and removes small islands, on runs: no mask is decoded.</summary>
internal static class SmallRegions
{
    /// <summary>Fills the holes, then removes the islands that are smaller than an area.</summary>
    /// <remarks>
    /// A hole is any 8-connected region of unset pixels, also at the picture's edge; an island any 8-connected region of set ones. Where
    /// every island is small the largest stays, of equal ones the leftmost.
    /// </remarks>
    /// <param name="mask">The mask.</param>
    /// <param name="minArea">Pixels from which on a region counts.</param>
    /// <returns>The mask itself where nothing is small.</returns>
    public static BinaryMask Remove(BinaryMask mask, int minArea)
    {
        BinaryMask filled = KeepLarge(mask, set: false, minArea);
        return KeepLarge(filled, set: true, minArea);
    }

    private static BinaryMask KeepLarge(BinaryMask mask, bool set, int minArea)
    {
        var regions = RunRegions.Of(mask, set);
        bool anySmall = false;
        bool anyLarge = false;
        int largest = -1;
        for (int i = 0; i < regions.Count; i++)
        {
            int area = regions.AreaOf(i);
            anySmall |= area < minArea;
            anyLarge |= area >= minArea;
            largest = largest < 0 || area > regions.AreaOf(largest) ? i : largest;
        }

        if (!anySmall)
        {
            return mask;
        }

        // Of the islands at least one is kept; holes may all be filled.
        bool keepLargest = set && !anyLarge;
        var builder = new MaskRunBuilder();
        int end = 0;
        for (int i = 0; i < regions.Count; i++)
        {
            bool keep = keepLargest ? regions.RootOf(i) == regions.RootOf(largest) : regions.AreaOf(i) >= minArea;
            if (!keep)
            {
                continue;
            }

            if (set)
            {
                builder.AddSet(regions.StartOf(i), regions.EndOf(i));
            }
            else
            {
                builder.AddSet(end, regions.StartOf(i));
                end = regions.EndOf(i);
            }
        }

        if (!set)
        {
            builder.AddSet(end, mask.Width * mask.Height);
        }

        return builder.Build(mask.Width, mask.Height);
    }
}
