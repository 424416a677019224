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
        var keptBoxes = new PixelBox[boxes.Length];
        foreach (int candidate in order)
        {
            PixelBox box = boxes[candidate];
            if (!IsCovered(box, keptBoxes.AsSpan(0, kept.Count), threshold))
            {
                keptBoxes[kept.Count] = box;
                kept.Add(candidate);
            }
        }

        return kept;
    }

    private static bool IsCovered(PixelBox box, ReadOnlySpan<PixelBox> kept, float threshold)
    {
        foreach (ref readonly PixelBox other in kept)
        {
            // Most boxes do not meet; the division is for those that do.
            if (box.Meets(other) && box.Iou(other) > threshold)
            {
                return true;
            }
        }

        return false;
    }
}
