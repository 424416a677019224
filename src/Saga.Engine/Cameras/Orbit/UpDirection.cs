using System.Numerics;
using Saga.Engine.Scenes;

namespace Saga.Engine.Cameras.Orbit;

/// <summary>Guesses which of the six axis directions is up.</summary>
/// <remarks>
/// Three hints are weighed: what tools write (captures trained from COLMAP have -y up, Blender and nerfstudio +z, modellers +y);
/// the ground, whose flat Gaussians face up; and that things stand on the ground, so there is more above it than below.
/// </remarks>
internal static class UpDirection
{
    private static readonly (Vector3 Direction, double Prior)[] Candidates =
    [
        (-Vector3.UnitY, 2), (Vector3.UnitZ, 1.2), (Vector3.UnitY, 0.8), (-Vector3.UnitZ, -0.5),
        (Vector3.UnitX, -0.5), (-Vector3.UnitX, -0.5),
    ];

    /// <summary>A Gaussian is flat when its least standard deviation is below a third of the next.</summary>
    private const float FlatRatio = 0.33f;

    /// <summary>cos 30°.</summary>
    private const float FacingCosine = 0.87f;

    /// <summary>The share of random directions within 30° of an axis.</summary>
    private const double ChanceShare = 1 - FacingCosine;

    private const double GroundWeight = 1;
    private const double StandingWeight = 1;
    private const double MaxHint = 2;
    private const double Tail = 0.02;
    private const int Bins = 64;

    /// <summary>Guesses.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="focus">What matters of it; the rest has no say.</param>
    /// <returns>A unit vector.</returns>
    public static Vector3 Guess(GaussianScene scene, SceneFocus focus)
    {
        (Vector3 Normal, Vector3 Offset, double Weight)[] flat = [.. FlatOnes(scene, focus)];
        double total = flat.Sum(f => f.Weight);
        return Candidates.MaxBy(c => c.Prior + Evidence(flat, total, c.Direction)).Direction;
    }

    private static double Evidence((Vector3 Normal, Vector3 Offset, double Weight)[] flat, double total, Vector3 up)
    {
        (Vector3 Normal, Vector3 Offset, double Weight)[] facing = [.. flat.Where(f => Math.Abs(Vector3.Dot(f.Normal, up)) > FacingCosine)];
        if (facing.Length == 0)
        {
            return 0;
        }

        double share = facing.Sum(f => f.Weight) / total;
        double ground = Math.Clamp(Math.Log(share / ChanceShare), -MaxHint, MaxHint);

        float[] heights = [.. flat.Select(f => Vector3.Dot(f.Offset, up)).Order()];
        float low = heights[(int)(Tail * (heights.Length - 1))];
        float high = heights[(int)((1 - Tail) * (heights.Length - 1))];
        double level = DensestLevel(facing, up, low, high);
        double above = high - level;
        double below = level - low;
        double even = 0.1 * (high - low) + float.Epsilon;
        double standing = Math.Clamp(Math.Log((above + even) / (below + even)), -MaxHint, MaxHint);
        return (GroundWeight * ground) + (StandingWeight * standing * share / (share + ChanceShare));
    }

    /// <summary>The height at which most of what faces up or down lies.</summary>
    private static double DensestLevel(
        (Vector3 Normal, Vector3 Offset, double Weight)[] facing, Vector3 up, float low, float high)
    {
        double[] bins = new double[Bins];
        double width = Math.Max((high - low) / Bins, float.Epsilon);
        foreach ((_, Vector3 offset, double weight) in facing)
        {
            int bin = (int)Math.Clamp((Vector3.Dot(offset, up) - low) / width, 0, Bins - 1);
            bins[bin] += weight;
        }

        return low + width * (Array.IndexOf(bins, bins.Max()) + 0.5);
    }

    private static IEnumerable<(Vector3 Normal, Vector3 Offset, double Weight)> FlatOnes(GaussianScene scene, SceneFocus focus)
    {
        double cap = focus.Radius * focus.Radius / 400;
        for (int i = 0; i < scene.Count; i++)
        {
            Vector3 offset = new Vector3(scene.Means.AsSpan(3 * i, 3)) - focus.Center;
            var logs = new Vector3(scene.LogScales.AsSpan(3 * i, 3));
            int thin = logs.X <= logs.Y && logs.X <= logs.Z ? 0 : logs.Y <= logs.Z ? 1 : 2;
            float next = Math.Min(logs[(thin + 1) % 3], logs[(thin + 2) % 3]);
            if (offset.Length() > focus.Radius || logs[thin] > next + MathF.Log(FlatRatio))
            {
                continue;
            }

            ReadOnlySpan<float> q = scene.Rotations.AsSpan(4 * i, 4);
            Vector3 axis = thin == 0 ? Vector3.UnitX : thin == 1 ? Vector3.UnitY : Vector3.UnitZ;
            Vector3 normal = Vector3.Transform(axis, new Quaternion(q[1], q[2], q[3], q[0]));
            yield return (normal, offset, SceneFocus.Opacity(scene, i) * Math.Min(Math.Exp(logs[(thin + 1) % 3] + logs[(thin + 2) % 3]), cap));
        }
    }
}
