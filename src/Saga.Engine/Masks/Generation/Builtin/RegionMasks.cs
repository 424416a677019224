namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Turns regions of a merge tree into masks.</summary>
internal static class RegionMasks
{
    /// <param name="tree">The tree.</param>
    /// <param name="chosen">Nodes of it.</param>
    /// <param name="regions">Its leaves, pixel by pixel.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>One mask a node, in their order.</returns>
    public static List<BinaryMask> Of(
        MergeTree tree, IReadOnlyList<int> chosen, PixelRegions regions, int width, int height, CancellationToken cancellationToken)
    {
        (int[] place, (int Start, int End)[] spans) = Order(tree);
        int[] placeOfPixel = new int[width * height];
        for (int i = 0; i < placeOfPixel.Length; i++)
        {
            placeOfPixel[i] = regions.Labels[i] < 0 ? -1 : place[regions.Labels[i]];
        }

        var masks = new List<BinaryMask>(chosen.Count);
        byte[] pixels = new byte[placeOfPixel.Length];
        foreach (int node in chosen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (int start, int end) = spans[node];
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = placeOfPixel[i] >= start && placeOfPixel[i] < end ? (byte)1 : (byte)0;
            }

            masks.Add(BinaryMask.FromPixels(width, height, pixels));
        }

        return masks;
    }

    // Numbers the leaves so that those below a node stand side by side: [place] of each leaf, [start, end) of each node. Parts come
    // before what they merge into, so ends are sums from below and starts follow from above.
    private static (int[] Place, (int Start, int End)[] Spans) Order(MergeTree tree)
    {
        IReadOnlyList<MergeTree.Node> nodes = tree.Nodes;
        int[] leaves = new int[nodes.Count];
        for (int i = 0; i < nodes.Count; i++)
        {
            leaves[i] = i < tree.LeafCount ? 1 : leaves[nodes[i].First] + leaves[nodes[i].Second];
        }

        int[] place = new int[tree.LeafCount];
        var spans = new (int Start, int End)[nodes.Count];
        int next = 0;
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            if (nodes[i].Parent < 0)
            {
                spans[i] = (next, next + leaves[i]);
                next += leaves[i];
            }

            int start = spans[i].Start;
            if (i < tree.LeafCount)
            {
                place[i] = start;
                continue;
            }

            (int first, int second) = (nodes[i].First, nodes[i].Second);
            spans[first] = (start, start + leaves[first]);
            spans[second] = (start + leaves[first], start + leaves[first] + leaves[second]);
        }

        return (place, spans);
    }
}
