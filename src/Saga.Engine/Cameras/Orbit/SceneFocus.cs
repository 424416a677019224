using System.Numerics;
using Saga.Engine.Scenes;

namespace Saga.Engine.Cameras.Orbit;

/// <summary>The part of a scene that matters: a ball around where most of what was reconstructed lies.</summary>
/// <remarks>
/// Every Gaussian counts by its opacity and not by its size: training spends many small ones on what the photos are of, and few
/// large ones on the sky and the walls behind. The core is the median of the nearest <see cref="CoreShare"/> of everything, again
/// and again until it stays. A scene that ends soon after its core, such as an object that was cut out, is taken whole: the middle of
/// the box around nearly everything, and nearly everything around it. Else, and where walls stand around the core, the ball reaches from the core up to where growing is no longer worth it: of
/// all shares s of the whole it holds the one that maximises s / √(distance).
/// </remarks>
/// <param name="Center">World units.</param>
/// <param name="Radius">World units, above 0.</param>
public sealed record SceneFocus(Vector3 Center, float Radius)
{
    private const double CoreShare = 0.6;
    private const int MaxRounds = 12;
    private const int HalfPercent = 50;
    private const int NearlyAllPercent = 98;

    /// <summary>A scene is taken whole when nearly all of it lies within this many times the distance of its nearer half …</summary>
    private const double CompactRatio = 4;

    /// <summary>… or when it ends soon after nine tenths of it, as something long does that was cut out. Backgrounds trail off.</summary>
    private const double EndRatio = 1.3;

    /// <summary>Walls: what lies outside the core has at least this share in every octant.</summary>
    private const double WallShare = 0.03;

    /// <summary>Where everything lies in one point any ball does.</summary>
    private const float PointRadius = 1;

    // As many evenly spaced Gaussians tell as much as all of them do.
    private const int MaxSamples = 1 << 16;

    /// <summary>Finds it.</summary>
    /// <param name="scene">The scene.</param>
    /// <exception cref="InvalidSceneException">The scene has no usable Gaussian.</exception>
    public static SceneFocus Of(GaussianScene scene)
    {
        int count = Math.Min(scene.Count, MaxSamples);
        if (count == 0)
        {
            throw new InvalidSceneException("The scene has no usable Gaussian, so there is nothing to look at.");
        }

        var points = new Vector3[count];
        double[] weights = new double[count];
        for (int i = 0; i < count; i++)
        {
            int gaussian = (int)((long)i * scene.Count / count);
            points[i] = new Vector3(scene.Means.AsSpan(3 * gaussian, 3));
            weights[i] = Opacity(scene, gaussian);
        }

        Vector3 core = Core(points, weights);
        float[] reach = Reach(core, points, weights);
        bool isCompact = reach[NearlyAllPercent] <= CompactRatio * reach[HalfPercent];
        bool endsSoon = reach[99] <= EndRatio * reach[90] && !IsEnclosed(core, reach[HalfPercent], points, weights);
        if (isCompact || endsSoon)
        {
            Vector3 middle = MiddleOf(points.Where(point => Vector3.Distance(point, core) <= reach[NearlyAllPercent]));
            return new SceneFocus(middle, Positive(Reach(middle, points, weights)[NearlyAllPercent]));
        }

        int best = Enumerable.Range(HalfPercent, NearlyAllPercent - HalfPercent + 1)
            .MaxBy(percent => reach[percent] > 0 ? percent / Math.Sqrt(reach[percent]) : 0);
        return new SceneFocus(core, Positive(reach[best]));
    }

    /// <summary>Opacity of a Gaussian, 0..1.</summary>
    internal static double Opacity(GaussianScene scene, int gaussian) => 1 / (1 + Math.Exp(-scene.OpacityLogits[gaussian]));

    private static float Positive(float radius) => radius > 0 ? radius : PointRadius;

    private static Vector3 Core(Vector3[] points, double[] weights)
    {
        Vector3 center = Median(points, weights, [.. Enumerable.Range(0, points.Length)]);
        for (int round = 0; round < MaxRounds; round++)
        {
            int[] near = ByDistance(points, center);
            Vector3 next = Median(points, weights, near[..CountOf(near, weights, CoreShare * weights.Sum())]);
            bool stays = Vector3.Distance(next, center) <= 1e-4f * Vector3.Distance(points[near[^1]], center);
            center = next;
            if (stays)
            {
                break;
            }
        }

        return center;
    }

    private static bool IsEnclosed(Vector3 core, float coreRadius, Vector3[] points, double[] weights)
    {
        double[] octants = new double[8];
        for (int i = 0; i < points.Length; i++)
        {
            Vector3 offset = points[i] - core;
            if (offset.Length() > 2 * coreRadius)
            {
                octants[(offset.X > 0 ? 1 : 0) + (offset.Y > 0 ? 2 : 0) + (offset.Z > 0 ? 4 : 0)] += weights[i];
            }
        }

        return octants.Min() > WallShare * octants.Sum();
    }

    private static Vector3 MiddleOf(IEnumerable<Vector3> points)
    {
        var low = new Vector3(float.PositiveInfinity);
        var high = new Vector3(float.NegativeInfinity);
        foreach (Vector3 point in points)
        {
            low = Vector3.Min(low, point);
            high = Vector3.Max(high, point);
        }

        return (low / 2) + (high / 2);
    }

    /// <summary>The distance within which each percentage of the weight lies, [101].</summary>
    private static float[] Reach(Vector3 center, Vector3[] points, double[] weights)
    {
        int[] near = ByDistance(points, center);
        double total = weights.Sum();
        return [.. Enumerable.Range(0, 101).Select(
            percent => Vector3.Distance(points[near[CountOf(near, weights, total * percent / 100) - 1]], center))];
    }

    private static int[] ByDistance(Vector3[] points, Vector3 center)
    {
        int[] order = [.. Enumerable.Range(0, points.Length)];
        Array.Sort(points.Select(point => Vector3.DistanceSquared(point, center)).ToArray(), order);
        return order;
    }

    /// <summary>How many of the ordered points hold some weight; at least one.</summary>
    private static int CountOf(int[] order, double[] weights, double weight)
    {
        int count = 1;
        for (double sum = weights[order[0]]; sum < weight && count < order.Length; count++)
        {
            sum += weights[order[count]];
        }

        return count;
    }

    private static Vector3 Median(Vector3[] points, double[] weights, int[] members)
    {
        Vector3 median = default;
        double half = members.Sum(i => weights[i]) / 2;
        for (int axis = 0; axis < 3; axis++)
        {
            int[] order = [.. members];
            Array.Sort(members.Select(i => points[i][axis]).ToArray(), order);
            median[axis] = points[order[CountOf(order, weights, half) - 1]][axis];
        }

        return median;
    }
}
