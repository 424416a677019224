namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>Non-maximum suppression of boxes.</summary>
internal static class BoxSuppression
{
    /// <summary>
    /// Takes boxes from the highest score down, of equal scores the earlier first, and drops every box whose IoU with one taken is
    /// above the threshold.
    /// </summary>
    /// <param name="boxes">Boxes.</param>
    /// <param name="scores">One score per box.</param>
    /// <param name="threshold">IoU, 0..1; boxes without area have no IoU and stay.</param>
    /// <returns>Indices of what stays, by falling score.</returns>
    public static List<int> Keep(ReadOnlySpan<PixelBox> boxes, ReadOnlySpan<float> scores, float threshold)
    {
        float[] keys = scores.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length).OrderByDescending(i => keys[i])];   // stable
        List<int> kept = [];
        foreach (int candidate in order)
        {
            bool isNew = true;
            for (int i = 0; i < kept.Count && isNew; i++)
            {
                isNew = !(boxes[kept[i]].Iou(boxes[candidate]) > threshold);
            }

            if (isNew)
            {
                kept.Add(candidate);
            }
        }

        return kept;
    }
}
