using System.Numerics;
using Saga.Cli.Evaluation;
using Saga.Engine.Numerics;

namespace Saga.Benchmarks.Furniture;

/// <summary>Puts models on a ground disk: each turned about the vertical, scaled to a similar size, none overlapping another.</summary>
internal static class FurnitureLayout
{
    /// <summary>Radius of the ground, world units.</summary>
    public const float GroundRadius = 1.5f;

    /// <summary>Models stand within this radius, so that every camera sees them whole.</summary>
    private const float StandRadius = 1.25f;

    private const int GroundSegments = 128;

    /// <summary>Largest extent of a model along an axis, world units.</summary>
    private const float MinExtent = 0.35f;
    private const float MaxExtent = 0.75f;

    /// <summary>Free ground between two models, world units.</summary>
    private const float Gap = 0.04f;

    /// <summary>Places tried for a model before all of them are made smaller and placed anew.</summary>
    private const int Attempts = 400;
    private const float Shrink = 0.95f;

    private const int PlacePurpose = 2;

    private static readonly Vector3 GroundColor = new(0.5f, 0.48f, 0.44f);

    /// <summary>Where the light comes from.</summary>
    private static readonly Vector3 Light = Vector3.Normalize(new Vector3(0.4f, 1f, 0.3f));

    /// <summary>Builds the scene.</summary>
    /// <param name="models">In the order of their labels, which start at 1.</param>
    /// <param name="seed">The same seed gives the same scene.</param>
    public static LabeledSurface Place(IReadOnlyList<FurnitureModel> models, long seed)
    {
        var random = new CounterRandom(seed, PlacePurpose, 0);
        var footprints = new Footprint[models.Count];
        for (int i = 0; i < models.Count; i++)
        {
            double extent = MinExtent + (MaxExtent - MinExtent) * random.NextDouble();
            footprints[i] = Footprint.Of(models[i].Mesh, (float)extent, (float)(2 * Math.PI * random.NextDouble()));
        }

        float shrink = 1;
        Vector2[]? centers;
        while ((centers = TryPlace(footprints, shrink, ref random)) is null)
        {
            shrink *= Shrink;
        }

        var parts = new List<LabeledPart> { new("ground", LabeledSurface.Ground) };
        var triangles = new List<SurfaceTriangle>();
        AddGround(triangles);
        for (int i = 0; i < models.Count; i++)
        {
            Matrix4x4 toWorld = footprints[i].ToWorld(shrink, centers[i]);
            AddModel(models[i], toWorld, parts.Count, triangles);
            parts.AddRange(models[i].Mesh.Groups.Select(group => new LabeledPart($"{models[i].Name}/{group}", i + 1)));
        }

        return new LabeledSurface(["ground", .. models.Select(model => model.Name)], [.. parts], [.. triangles]);
    }

    /// <summary>A free place for every model, drawn one after the other, or null.</summary>
    private static Vector2[]? TryPlace(Footprint[] footprints, float shrink, ref CounterRandom random)
    {
        var centers = new Vector2[footprints.Length];
        for (int i = 0; i < centers.Length; i++)
        {
            float radius = footprints[i].Radius * shrink;
            bool placed = false;
            for (int attempt = 0; attempt < Attempts && !placed && radius < StandRadius; attempt++)
            {
                // The root makes places uniform over the disk.
                float distance = (StandRadius - radius) * (float)Math.Sqrt(random.NextDouble());
                (float sin, float cos) = MathF.SinCos((float)(2 * Math.PI * random.NextDouble()));
                centers[i] = distance * new Vector2(cos, sin);
                placed = true;
                for (int j = 0; j < i && placed; j++)
                {
                    placed = Vector2.Distance(centers[i], centers[j]) >= radius + footprints[j].Radius * shrink + Gap;
                }
            }

            if (!placed)
            {
                return null;
            }
        }

        return centers;
    }

    private static void AddModel(FurnitureModel model, Matrix4x4 toWorld, int firstPart, List<SurfaceTriangle> triangles)
    {
        Vector3[] vertices = [.. model.Mesh.Vertices.Select(vertex => Vector3.Transform(vertex, toWorld))];
        foreach (ObjTriangle t in model.Mesh.Triangles)
        {
            var triangle = new SurfaceTriangle(vertices[t.A], vertices[t.B], vertices[t.C], (ushort)(firstPart + t.Group), default);
            triangles.Add(triangle with { Color = Lit(model.Colors[t.Material], triangle.Cross) });
        }
    }

    private static void AddGround(List<SurfaceTriangle> triangles)
    {
        for (int i = 0; i < GroundSegments; i++)
        {
            triangles.Add(new SurfaceTriangle(Vector3.Zero, Rim(i + 1), Rim(i), LabeledSurface.Ground, GroundColor));
        }
    }

    private static Vector3 Rim(int segment)
    {
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * segment / GroundSegments);
        return GroundRadius * new Vector3(cos, 0, sin);
    }

    /// <summary>Soft light from both sides: the models do not agree on which way their faces point.</summary>
    private static Vector3 Lit(Vector3 color, Vector3 cross)
    {
        const float ambient = 0.6f;
        float length = cross.Length();
        float direct = length > 0 ? MathF.Abs(Vector3.Dot(cross / length, Light)) : 0;
        return color * (ambient + (1 - ambient) * direct);
    }

    /// <summary>A model's size and heading before it has a place.</summary>
    /// <param name="Base">Middle of the model's lower side, model units.</param>
    /// <param name="Scale">World units per model unit.</param>
    /// <param name="Heading">Turn about the vertical, radians.</param>
    /// <param name="Radius">Of the circle around its bounds seen from above, world units.</param>
    private readonly record struct Footprint(Vector3 Base, float Scale, float Heading, float Radius)
    {
        public static Footprint Of(ObjMesh mesh, float extent, float heading)
        {
            // Only what faces use: some files carry stray vertices.
            var min = new Vector3(float.PositiveInfinity);
            var max = new Vector3(float.NegativeInfinity);
            foreach (ObjTriangle t in mesh.Triangles)
            {
                foreach (int vertex in (ReadOnlySpan<int>)[t.A, t.B, t.C])
                {
                    min = Vector3.Min(min, mesh.Vertices[vertex]);
                    max = Vector3.Max(max, mesh.Vertices[vertex]);
                }
            }

            Vector3 size = max - min;
            float largest = MathF.Max(size.X, MathF.Max(size.Y, size.Z));
            float scale = largest > 0 ? extent / largest : 1;
            Vector3 middle = (min + max) / 2;
            return new Footprint(
                middle with { Y = min.Y }, scale, heading, scale * new Vector2(size.X, size.Z).Length() / 2);
        }

        public Matrix4x4 ToWorld(float shrink, Vector2 center) =>
            Matrix4x4.CreateTranslation(-Base) * Matrix4x4.CreateScale(Scale * shrink) * Matrix4x4.CreateRotationY(Heading)
            * Matrix4x4.CreateTranslation(center.X, 0, center.Y);
    }
}
