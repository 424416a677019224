using System.Numerics;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Cameras.Orbit;

/// <summary>
/// Views for a scene that came without cameras: rings around what matters (<see cref="SceneFocus"/>), all looking at its centre.
/// </summary>
/// <remarks>
/// A camera stands where the focus fills its picture. Where something stands in front of it there, a wall or the back of a room,
/// it comes nearer in steps; where there is little to see at any distance, it is left out. What it sees is told from a small
/// picture of depth and coverage.
/// </remarks>
public static class OrbitRig
{
    /// <summary>Pixels across.</summary>
    public const int Width = 640;

    /// <summary>Pixels down.</summary>
    public const int Height = 480;

    /// <summary>How many views a rig has when none is left out.</summary>
    public const int ViewCount = 48;

    /// <summary>Fewer are topped up with the best of those left out: too few views tell nothing apart.</summary>
    private const int FewestViews = 16;

    private const double FieldOfViewDegrees = 50;

    // Low views tell what stands behind what, high ones see into everything; from straight above little is told apart.
    private static readonly (double ElevationDegrees, int Count)[] Rings = [(10, 20), (32, 16), (55, 12)];

    private static readonly double[] Approaches = [1, 0.8, 0.62, 0.48, 0.36];

    /// <summary>Makes the views.</summary>
    /// <param name="scene">The scene; colours are not needed.</param>
    /// <param name="rasterizer">Of the same scene.</param>
    /// <param name="cancellationToken">Checked per picture.</param>
    /// <returns>Views named <c>orbit_000</c> and so on, sorted by name; at least one.</returns>
    /// <exception cref="InvalidSceneException">The scene has no usable Gaussian.</exception>
    public static IReadOnlyList<SceneView> Create(GaussianScene scene, CpuRasterizer rasterizer, CancellationToken cancellationToken = default)
    {
        SceneFocus focus = SceneFocus.Of(scene);
        Vector3 up = UpDirection.Guess(scene, focus);
        var judged = new List<(int Place, PinholeCamera Camera, OrbitSight Sight)>();
        RenderedImage? image = null;
        foreach (Vector3 direction in Directions(up))
        {
            (PinholeCamera camera, OrbitSight sight) = Best(focus, direction, up, rasterizer, ref image, cancellationToken);
            judged.Add((judged.Count, camera, sight));
        }

        int good = judged.Count(view => view.Sight.IsGood);
        IEnumerable<PinholeCamera> kept = judged
            .OrderByDescending(view => view.Sight.Score).ThenBy(view => view.Place)
            .Take(Math.Max(good, FewestViews))
            .OrderBy(view => view.Place).Select(view => view.Camera);
        return [.. kept.Select((camera, index) =>
        {
            string name = FormattableString.Invariant($"orbit_{index:000}");
            return new SceneView(name, camera, name + ".png");
        })];
    }

    /// <summary>The nearest of the distances at which the view is good, from far to near; else the best of them.</summary>
    private static (PinholeCamera Camera, OrbitSight Sight) Best(
        SceneFocus focus, Vector3 direction, Vector3 up, CpuRasterizer rasterizer, ref RenderedImage? image, CancellationToken cancellationToken)
    {
        double halfAngle = FieldOfViewDegrees / 2 * Math.PI / 180;
        double distance = focus.Radius / Math.Sin(halfAngle);
        (PinholeCamera Camera, OrbitSight Sight)? best = null;
        foreach (double approach in Approaches)
        {
            PinholeCamera camera = Looking(focus.Center, direction, up, approach * distance);
            PinholeCamera small = camera.ResizedTo(OrbitSight.Pixels);
            image = rasterizer.RenderDepth(small, image, cancellationToken);
            OrbitSight sight = OrbitSight.Of(image, approach * distance, focus.Radius);
            if (best is null || sight.Score > best.Value.Sight.Score)
            {
                best = (camera, sight);
            }

            if (sight.IsGood)
            {
                break;
            }
        }

        return best!.Value;
    }

    /// <summary>From the centre to the cameras, ring by ring; rings are turned so that no camera stands above another.</summary>
    private static IEnumerable<Vector3> Directions(Vector3 up)
    {
        (Vector3 side, Vector3 front) = Level(up);
        for (int ring = 0; ring < Rings.Length; ring++)
        {
            (double elevation, int count) = Rings[ring];
            (double sin, double cos) = Math.SinCos(elevation * Math.PI / 180);
            for (int i = 0; i < count; i++)
            {
                double azimuth = 2 * Math.PI * (i + (double)ring / Rings.Length) / count;
                yield return (float)(cos * Math.Cos(azimuth)) * side + (float)(cos * Math.Sin(azimuth)) * front + (float)sin * up;
            }
        }
    }

    private static (Vector3 Side, Vector3 Front) Level(Vector3 up)
    {
        Vector3 side = Vector3.Normalize(Vector3.Cross(up, Math.Abs(up.X) > 0.5f ? Vector3.UnitY : Vector3.UnitX));
        return (side, Vector3.Cross(side, up));
    }

    private static PinholeCamera Looking(Vector3 center, Vector3 direction, Vector3 up, double distance)
    {
        Vector3 position = center + (float)distance * direction;
        Vector3 forward = -direction;
        Vector3 right = Vector3.Normalize(Vector3.Cross(forward, up));
        Vector3 down = Vector3.Cross(forward, right);
        var pose = new CameraPose(
            right.X, right.Y, right.Z, -Vector3.Dot(right, position),
            down.X, down.Y, down.Z, -Vector3.Dot(down, position),
            forward.X, forward.Y, forward.Z, -Vector3.Dot(forward, position));
        double focal = Height / 2.0 / Math.Tan(FieldOfViewDegrees / 2 * Math.PI / 180);
        return new PinholeCamera(Width, Height, focal, focal, Width / 2.0, Height / 2.0, pose);
    }
}
