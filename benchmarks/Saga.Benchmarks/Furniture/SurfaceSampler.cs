using System.Numerics;
using Saga.Cli.Evaluation;
using Saga.Engine.Numerics;

namespace Saga.Benchmarks.Furniture;

/// <summary>
/// Covers what is seen of a surface with flat disks that lie in its faces, evenly over the area, and adds faint floaters above it.
/// The figures are those of samples/playroom.
/// </summary>
internal static class SurfaceSampler
{
    private const double GroundShare = 0.34;
    private const double FloaterShare = 0.01;

    /// <summary>Standard deviations along the disk, across it, and of the distance from the face, in units of the mean spacing.</summary>
    private const double MinRadius = 0.49;
    private const double MaxRadius = 0.79;
    private const double Thickness = 0.094;
    private const double Roughness = 0.14;

    /// <summary>Opacity logits, uniform: 0.9 to 0.99 on surfaces, 0.03 to 0.18 for floaters.</summary>
    private const double MinOpacity = 2.2;
    private const double MaxOpacity = 4.5;
    private const double MinFloaterOpacity = -3.5;
    private const double MaxFloaterOpacity = -1.5;

    private const double MinFloaterRadius = 0.004;
    private const double MaxFloaterRadius = 0.02;
    private const double MinFloaterHeight = 0.02;
    private const double MaxFloaterHeight = 1.05;

    /// <summary>Places drawn beyond those that a first draw says are needed, so that one more draw is enough.</summary>
    private const double Surplus = 1.02;

    private const int GroundPurpose = 3;
    private const int ModelPurpose = 4;
    private const int FloaterPurpose = 5;
    private const int OrderPurpose = 6;

    /// <summary>Samples a scene.</summary>
    /// <param name="surface">The faces.</param>
    /// <param name="seen">What the views see of them.</param>
    /// <param name="count">Gaussians, ground and floaters included.</param>
    /// <param name="seed">The same seed gives the same Gaussians.</param>
    public static LabeledGaussians Sample(LabeledSurface surface, SeenPoints seen, int count, long seed)
    {
        int floaters = (int)Math.Round(FloaterShare * count);
        int ground = (int)Math.Round(GroundShare * count);
        var gaussians = new List<LabeledGaussian>(count);
        SurfaceTriangle[] groundFaces = [.. surface.Triangles.Where(t => t.Part == LabeledSurface.Ground)];
        SurfaceTriangle[] modelFaces = [.. surface.Triangles.Where(t => t.Part != LabeledSurface.Ground)];
        Cover(groundFaces, seen, ground, new CounterRandom(seed, GroundPurpose, 0), gaussians);
        Cover(modelFaces, seen, count - ground - floaters, new CounterRandom(seed, ModelPurpose, 0), gaussians);
        AddFloaters(floaters, new CounterRandom(seed, FloaterPurpose, 0), gaussians);

        // Captures are in no order, and nothing may profit from one.
        int[] order = [.. Enumerable.Range(0, gaussians.Count)];
        new CounterRandom(seed, OrderPurpose, 0).Shuffle(order);
        return LabeledGaussians.Pack(surface, [.. order.Select(i => gaussians[i])]);
    }

    /// <summary>Covers faces evenly with a number of Gaussians, all of them where some view sees the face.</summary>
    private static void Cover(
        SurfaceTriangle[] faces, SeenPoints seen, int count, CounterRandom random, List<LabeledGaussian> gaussians)
    {
        double total = faces.Sum(face => (double)face.Area);
        List<(int Face, Vector3 Point)> places;
        int drawn = count;
        while ((places = Places(faces, seen, total, drawn, ref random)).Count < count)
        {
            if (places.Count == 0)
            {
                throw new InvalidDataException($"No view sees any of {drawn} points of the surface.");
            }

            drawn = 1 + (int)(Surplus * drawn * count / places.Count);
        }

        double spacing = Math.Sqrt(total / drawn);
        for (int i = 0; i < count; i++)
        {
            // Those too many are left out at even steps.
            (int face, Vector3 point) = places[(int)((long)i * places.Count / count)];
            gaussians.Add(OnFace(faces[face], point, spacing, ref random));
        }
    }

    /// <summary>
    /// Draws places at even steps of the running area, so that every face gets its share to within one, and keeps those that are seen.
    /// </summary>
    private static List<(int Face, Vector3 Point)> Places(
        SurfaceTriangle[] faces, SeenPoints seen, double total, int count, ref CounterRandom random)
    {
        var places = new List<(int Face, Vector3 Point)>(count);
        double before = 0;
        int current = 0;
        for (int i = 0; i < count; i++)
        {
            double place = total * (i + random.NextDouble()) / count;
            while (current < faces.Length - 1 && before + faces[current].Area < place)
            {
                before += faces[current++].Area;
            }

            // The root makes points uniform over the triangle.
            SurfaceTriangle face = faces[current];
            float root = (float)Math.Sqrt(random.NextDouble());
            float along = (float)random.NextDouble();
            Vector3 point = (1 - root) * face.A + root * (1 - along) * face.B + root * along * face.C;
            if (seen.Contains(point, face.Part))
            {
                places.Add((current, point));
            }
        }

        return places;
    }

    private static LabeledGaussian OnFace(in SurfaceTriangle face, Vector3 place, double spacing, ref CounterRandom random)
    {
        Vector3 normal = face.Cross;
        normal = normal.LengthSquared() > 0 ? Vector3.Normalize(normal) : Vector3.UnitY;
        Vector3 point = place + (float)(Roughness * spacing * random.NextNormal()) * normal;
        var scales = new Vector3(
            (float)(spacing * Between(MinRadius, MaxRadius, ref random)), (float)(spacing * Between(MinRadius, MaxRadius, ref random)),
            (float)(spacing * Thickness));
        return new LabeledGaussian(
            point, scales, FromZ(normal), (float)Between(MinOpacity, MaxOpacity, ref random), face.Color, face.Part);
    }

    private static void AddFloaters(int count, CounterRandom random, List<LabeledGaussian> gaussians)
    {
        for (int i = 0; i < count; i++)
        {
            var mean = new Vector3(
                (float)Between(-FurnitureLayout.GroundRadius, FurnitureLayout.GroundRadius, ref random),
                (float)Between(MinFloaterHeight, MaxFloaterHeight, ref random),
                (float)Between(-FurnitureLayout.GroundRadius, FurnitureLayout.GroundRadius, ref random));
            var scales = new Vector3(
                (float)Between(MinFloaterRadius, MaxFloaterRadius, ref random),
                (float)Between(MinFloaterRadius, MaxFloaterRadius, ref random),
                (float)Between(MinFloaterRadius, MaxFloaterRadius, ref random));
            var color = new Vector3((float)random.NextDouble(), (float)random.NextDouble(), (float)random.NextDouble());
            gaussians.Add(new LabeledGaussian(
                mean, scales, Quaternion.Identity, (float)Between(MinFloaterOpacity, MaxFloaterOpacity, ref random), color,
                LabeledScene.None));
        }
    }

    /// <summary>The shortest turn from z to a unit vector.</summary>
    private static Quaternion FromZ(Vector3 normal)
    {
        const float opposite = -0.9999f;
        return normal.Z < opposite
            ? new Quaternion(1, 0, 0, 0)
            : Quaternion.Normalize(new Quaternion(-normal.Y, normal.X, 0, 1 + normal.Z));
    }

    private static double Between(double min, double max, ref CounterRandom random) => min + (max - min) * random.NextDouble();
}
