using Saga.Engine.Numerics;

namespace Saga.Engine.Training;

/// <summary>Draws the scales of an iteration (§6, step 2).</summary>
internal static class ScaleSampling
{
    /// <summary>
    /// One scale above the largest of the scene, distinct masks of the view drawn at random, and the smallest mask; each moved
    /// uniformly down to the next smaller mask scale of the view.
    /// </summary>
    /// <param name="random">The iteration's stream.</param>
    /// <param name="viewScales">Mask scales of the view, ascending, at least one.</param>
    /// <param name="sceneMaximum">Largest mask scale of the scene.</param>
    /// <param name="sceneRunnerUp">Largest mask scale below the maximum; 0 when there is none.</param>
    /// <param name="count">Most scales; fewer when the view has fewer masks.</param>
    /// <returns>Scales in world units, the top one first, then descending.</returns>
    public static double[] Draw(ref CounterRandom random, double[] viewScales, double sceneMaximum, double sceneRunnerUp, int count)
    {
        int masks = viewScales.Length;
        int drawn = Math.Min(count - 2, masks - 1);
        var order = new int[masks - 1];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i + 1;
        }

        random.Shuffle(order);
        int[] chosen = [.. order.Take(drawn).OrderDescending(), 0];
        var scales = new double[chosen.Length + 1];

        // r in max·(1 + r): the top scale lies above every mask or just below the largest, so that "everything" is learnt too.
        double top = sceneMaximum * (1 + random.NextDouble());
        scales[0] = sceneRunnerUp + (top - sceneRunnerUp) * random.NextDouble();
        for (int i = 0; i < chosen.Length; i++)
        {
            double upper = viewScales[chosen[i]];
            double lower = chosen[i] == 0 ? 0 : viewScales[chosen[i] - 1];
            scales[i + 1] = upper - (upper - lower) * random.NextDouble();
        }

        return scales;
    }
}
