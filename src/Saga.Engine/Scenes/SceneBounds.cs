using System.Numerics;

namespace Saga.Engine.Scenes;

/// <summary>Where a scene lies, world units.</summary>
/// <param name="Min">Smallest coordinates of the usable means.</param>
/// <param name="Max">Largest coordinates of the usable means.</param>
/// <param name="RobustMin">Per axis, the coordinate that 1 % of the means lie below: stray Gaussians do not move it.</param>
/// <param name="RobustMax">Per axis, the coordinate that 1 % of the means lie above.</param>
public sealed record SceneBounds(Vector3 Min, Vector3 Max, Vector3 RobustMin, Vector3 RobustMax)
{
    /// <summary>Share of the means left outside at each end of each axis of the robust box.</summary>
    public const double RobustTail = 0.01;

    // Percentiles of this many evenly spaced means are as good as of all, and sorting them costs milliseconds.
    private const int MaxSamples = 1 << 16;

    /// <summary>Middle of the robust box.</summary>
    public Vector3 RobustCenter => (RobustMin + RobustMax) / 2;

    /// <summary>Diagonal of the robust box: the scene's size, world units.</summary>
    public float RobustExtent => (RobustMax - RobustMin).Length();

    /// <summary>Measures a scene.</summary>
    public static SceneBounds Of(GaussianScene scene) => Of(scene.Means);

    /// <summary>Measures points.</summary>
    /// <param name="means">x y z interleaved, finite, at least one point. The result depends on their order only above 65,536 points.</param>
    public static SceneBounds Of(ReadOnlySpan<float> means)
    {
        int count = means.Length / 3;
        ArgumentOutOfRangeException.ThrowIfZero(count, nameof(means));
        var min = new Vector3(float.PositiveInfinity);
        var max = new Vector3(float.NegativeInfinity);
        for (int i = 0; i < count; i++)
        {
            var mean = new Vector3(means.Slice(3 * i, 3));
            min = Vector3.Min(min, mean);
            max = Vector3.Max(max, mean);
        }

        int samples = Math.Min(count, MaxSamples);
        var values = new float[samples];
        Vector3 low = default;
        Vector3 high = default;
        for (int axis = 0; axis < 3; axis++)
        {
            for (int i = 0; i < samples; i++)
            {
                values[i] = means[3 * (int)((long)i * count / samples) + axis];
            }

            Array.Sort(values);
            int tail = (int)(RobustTail * samples);
            low[axis] = values[tail];
            high[axis] = values[samples - 1 - tail];
        }

        return new SceneBounds(min, max, low, high);
    }
}
