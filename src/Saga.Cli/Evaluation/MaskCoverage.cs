using System.Globalization;
using Saga.Engine.Masks;

namespace Saga.Cli.Evaluation;

/// <summary>How well the masks of a labelled scene's views cover what its part maps show: what a training can hope for.</summary>
/// <param name="ObjectIou">Mean, over the objects seen in the views, of the IoU with the mask that fits best.</param>
/// <param name="ObjectsHit">Share of those objects that a mask fits with at least <see cref="HitIou"/>.</param>
/// <param name="PartIou">As <paramref name="ObjectIou"/>, of the parts.</param>
/// <param name="Pure">Share of the masks of which at least <see cref="PureShare"/> lies in one object.</param>
/// <param name="MasksPerView">Mean number of masks.</param>
public sealed record MaskCoverage(double ObjectIou, double ObjectsHit, double PartIou, double Pure, double MasksPerView)
{
    /// <summary>IoU from which on a mask counts as the object's.</summary>
    public const double HitIou = 0.75;

    /// <summary>Share of a mask's pixels in one object from which on it counts as lying in it.</summary>
    public const double PureShare = 0.9;

    /// <summary>Compares.</summary>
    /// <param name="scene">The labels.</param>
    /// <param name="masks">Masks by view; those of views without a part map are left out.</param>
    /// <param name="protocol">What is background, and how many pixels make something seen.</param>
    /// <exception cref="InvalidDataException">A mask is not of its part map's size.</exception>
    public static MaskCoverage Of(LabeledScene scene, IReadOnlyList<ViewMasks> masks, EvaluationProtocol protocol)
    {
        var byView = masks.ToDictionary(view => view.ViewName, view => view.Masks, StringComparer.Ordinal);
        var objects = new List<double>();
        var parts = new List<double>();
        int maskCount = 0;
        int pure = 0;
        foreach (LabeledView view in scene.Views)
        {
            IReadOnlyList<BinaryMask> ofView = byView.GetValueOrDefault(view.Name) ?? [];
            int[][] pixels = [.. ofView.Select(mask => CountParts(scene, view, mask))];
            int[] shown = CountParts(scene, view, null);
            for (int label = 0; label < scene.Objects.Count; label++)
            {
                if (scene.Objects[label] != protocol.BackgroundObject)
                {
                    AddBest(scene, part => scene.Parts[part].Owner == label, shown, ofView, pixels, protocol.MinPartPixels, objects);
                }
            }

            for (int label = 0; label < scene.Parts.Count; label++)
            {
                if (scene.Objects[scene.Parts[label].Owner] != protocol.BackgroundObject)
                {
                    AddBest(scene, part => part == label, shown, ofView, pixels, protocol.MinPartPixels, parts);
                }
            }

            maskCount += ofView.Count;
            pure += pixels.Where((counts, mask) => LargestObject(scene, counts) >= PureShare * ofView[mask].Area).Count();
        }

        return new MaskCoverage(
            objects.DefaultIfEmpty().Average(), objects.Select(iou => iou >= HitIou ? 1.0 : 0).DefaultIfEmpty().Average(),
            parts.DefaultIfEmpty().Average(), maskCount == 0 ? 0 : (double)pure / maskCount,
            scene.Views.Count == 0 ? 0 : (double)maskCount / scene.Views.Count);
    }

    /// <summary>In one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"masks: {MasksPerView:0.0} a view, {Pure:0.00} of them within one object; the best mask's IoU is {ObjectIou:0.000} for objects "
        + $"(at least {HitIou} for {ObjectsHit:0.00} of them), {PartIou:0.000} for parts");

    private static void AddBest(
        LabeledScene scene, Predicate<int> belongs, int[] shown, IReadOnlyList<BinaryMask> masks, int[][] pixels, int minPixels,
        List<double> to)
    {
        int[] own = [.. Enumerable.Range(0, scene.Parts.Count).Where(part => belongs(part))];
        int target = own.Sum(part => shown[part]);
        if (target < minPixels)
        {
            return;
        }

        double best = 0;
        for (int mask = 0; mask < masks.Count; mask++)
        {
            int common = own.Sum(part => pixels[mask][part]);
            best = Math.Max(best, common / (double)(target + masks[mask].Area - common));
        }

        to.Add(best);
    }

    private static int[] CountParts(LabeledScene scene, LabeledView view, BinaryMask? mask)
    {
        if (mask is not null && (mask.Width, mask.Height) != (view.Width, view.Height))
        {
            throw new InvalidDataException(
                $"A mask of {view.Name} is {mask.Width}×{mask.Height} pixels, its part map {view.Width}×{view.Height}.");
        }

        byte[] set = new byte[view.Parts.Length];
        mask?.Decode(set);
        int[] counts = new int[scene.Parts.Count];
        for (int i = 0; i < set.Length; i++)
        {
            if (view.Parts[i] != LabeledScene.None && (mask is null || set[i] != 0))
            {
                counts[view.Parts[i]]++;
            }
        }

        return counts;
    }

    private static int LargestObject(LabeledScene scene, int[] parts)
    {
        int[] objects = new int[scene.Objects.Count];
        for (int part = 0; part < parts.Length; part++)
        {
            objects[scene.Parts[part].Owner] += parts[part];
        }

        return objects.Max();
    }
}
