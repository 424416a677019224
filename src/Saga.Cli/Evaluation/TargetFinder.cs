namespace Saga.Cli.Evaluation;

/// <summary>Chooses what is clicked, and where.</summary>
public static class TargetFinder
{
    /// <summary>The objects, then the parts, that the protocol asks for, each in label order.</summary>
    public static IReadOnlyList<EvaluationTarget> Find(LabeledScene scene, EvaluationProtocol protocol)
    {
        int[] objectSizes = CountLabels(scene.ObjectOfGaussian, scene.Objects.Count);
        int[] partSizes = CountLabels(scene.PartOfGaussian, scene.Parts.Count);
        (int[][] partPixels, int[][] objectPixels) = CountPixels(scene);

        var targets = new List<EvaluationTarget>();
        for (int label = 0; label < scene.Objects.Count; label++)
        {
            int view = BestView(objectPixels, label);
            if (objectSizes[label] >= protocol.MinObjectGaussians && objectPixels[view][label] > 0
                && scene.Objects[label] != protocol.BackgroundObject)
            {
                targets.Add(Create(TargetKind.WholeObject, label, scene.Objects[label], objectSizes[label], scene, view));
            }
        }

        for (int label = 0; label < scene.Parts.Count; label++)
        {
            int view = BestView(partPixels, label);
            if (partSizes[label] >= protocol.MinPartGaussians && partPixels[view][label] >= protocol.MinPartPixels
                && scene.Objects[scene.Parts[label].Owner] != protocol.BackgroundObject)
            {
                targets.Add(Create(TargetKind.Part, label, scene.Parts[label].Name, partSizes[label], scene, view));
            }
        }

        return targets;
    }

    /// <summary>The pixel of a region that is farthest from everything else; the topmost, then leftmost, if several are.</summary>
    /// <returns>Column, row and squared distance in pixels²; the distance is 0 if the region is empty.</returns>
    public static (int X, int Y, int DistanceSquared) MostInteriorPixel(ReadOnlySpan<bool> region, int width, int height)
    {
        int[] distances = DistanceTransform.Squared(region, width, height);
        int best = 0;
        for (int i = 1; i < distances.Length; i++)
        {
            if (distances[i] > distances[best])
            {
                best = i;
            }
        }

        return (best % width, best / width, distances[best]);
    }

    private static EvaluationTarget Create(TargetKind kind, int label, string name, int count, LabeledScene scene, int viewIndex)
    {
        LabeledView view = scene.Views[viewIndex];
        var region = new bool[view.Parts.Length];
        int pixels = 0;
        for (int i = 0; i < region.Length; i++)
        {
            ushort part = view.Parts[i];
            region[i] = part != LabeledScene.None && label == (kind == TargetKind.Part ? part : scene.Parts[part].Owner);
            pixels += region[i] ? 1 : 0;
        }

        (int x, int y, int distanceSquared) = MostInteriorPixel(region, view.Width, view.Height);
        return new EvaluationTarget(kind, label, name, count, view.Name, pixels, x + 0.5f, y + 0.5f, Math.Sqrt(distanceSquared));
    }

    private static int[] CountLabels(ReadOnlySpan<ushort> labels, int labelCount)
    {
        var counts = new int[labelCount];
        foreach (ushort label in labels)
        {
            if (label != LabeledScene.None)
            {
                counts[label]++;
            }
        }

        return counts;
    }

    private static (int[][] Parts, int[][] Objects) CountPixels(LabeledScene scene)
    {
        int[][] parts = [.. scene.Views.Select(view => CountLabels(view.Parts, scene.Parts.Count))];
        int[][] objects = [.. parts.Select(counts =>
        {
            var sums = new int[scene.Objects.Count];
            for (int part = 0; part < counts.Length; part++)
            {
                sums[scene.Parts[part].Owner] += counts[part];
            }

            return sums;
        })];
        return (parts, objects);
    }

    private static int BestView(int[][] pixels, int label)
    {
        int best = 0;
        for (int view = 1; view < pixels.Length; view++)
        {
            if (pixels[view][label] > pixels[best][label])
            {
                best = view;
            }
        }

        return best;
    }
}
