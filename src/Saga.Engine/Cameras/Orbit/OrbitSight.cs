using Saga.Engine.Rasterization;

namespace Saga.Engine.Cameras.Orbit;

/// <summary>What a camera of the rig sees.</summary>
/// <param name="Covered">Share of the picture that shows a surface.</param>
/// <param name="Blocked">Share of the picture that shows something far in front of what matters: a wall, a floater before the lens.</param>
internal readonly record struct OrbitSight(double Covered, double Blocked)
{
    /// <summary>Pixels across of the picture that is judged.</summary>
    public const int Pixels = 96;

    private const double MinCovered = 0.08;
    private const double MaxBlocked = 0.06;

    /// <summary>True when the view is worth having.</summary>
    public bool IsGood => Covered >= MinCovered && Blocked <= MaxBlocked;

    /// <summary>Good views before others, then what shows most and is least blocked.</summary>
    public double Score => Math.Min(Covered, 0.5) - 2 * Blocked + (IsGood ? 1 : 0);

    /// <summary>Judges a picture.</summary>
    /// <param name="image">With depth.</param>
    /// <param name="distance">From the camera to the centre, world units.</param>
    /// <param name="radius">Of what matters, world units.</param>
    public static OrbitSight Of(RenderedImage image, double distance, double radius)
    {
        // Half of the way to the ball; inside the ball, a quarter of the way to its centre.
        double near = Math.Max(0.5 * (distance - radius), 0.25 * distance);
        int covered = 0;
        int blocked = 0;
        foreach (float depth in image.Depth)
        {
            covered += depth > 0 ? 1 : 0;
            blocked += depth > 0 && depth < near ? 1 : 0;
        }

        return new OrbitSight((double)covered / image.Depth.Length, (double)blocked / image.Depth.Length);
    }
}
