using System.Numerics;
using Saga.Cli.Evaluation;
using Saga.Engine.Cameras;
using Saga.Engine.Images;

namespace Saga.Benchmarks.Furniture;

/// <summary>What a camera sees of a surface: the photo, and the part of every pixel.</summary>
/// <param name="Photo">The photo.</param>
/// <param name="Parts">[height, width]; <see cref="LabeledScene.None"/> where there is nothing.</param>
/// <param name="InverseDepths">[height, width]; 0 where there is nothing.</param>
internal sealed record SurfaceView(RgbImage Photo, ushort[] Parts, float[] InverseDepths);

/// <summary>Draws triangles into a depth buffer: the nearest face at each pixel's centre, from either side.</summary>
internal static class SurfaceRenderer
{
    /// <summary>Faces that reach nearer are left out instead of cut; no view of the rig comes near any.</summary>
    private const float NearDepth = 0.05f;

    private const byte Background = 255;

    /// <summary>Renders a view.</summary>
    public static SurfaceView Render(LabeledSurface surface, PinholeCamera camera)
    {
        int pixels = camera.Width * camera.Height;
        var inverseDepths = new float[pixels];
        var faces = new int[pixels];
        faces.AsSpan().Fill(-1);
        for (int i = 0; i < surface.Triangles.Length; i++)
        {
            SurfaceTriangle t = surface.Triangles[i];
            Vector3 a = Project(camera, t.A);
            Vector3 b = Project(camera, t.B);
            Vector3 c = Project(camera, t.C);
            if (a.Z > 0 && b.Z > 0 && c.Z > 0)
            {
                Draw(i, a, b, c, camera.Width, camera.Height, inverseDepths, faces);
            }
        }

        return Resolve(surface, camera, faces, inverseDepths);
    }

    /// <summary>Pixel coordinates and inverse depth, which is linear over the picture; 0 when too near or behind.</summary>
    private static Vector3 Project(PinholeCamera camera, Vector3 point)
    {
        (double x, double y, double z) = camera.Pose.Transform(point.X, point.Y, point.Z);
        return z < NearDepth
            ? default
            : new Vector3((float)(camera.Fx * x / z + camera.Cx), (float)(camera.Fy * y / z + camera.Cy), (float)(1 / z));
    }

    private static void Draw(
        int face, Vector3 a, Vector3 b, Vector3 c, int width, int height, float[] inverseDepths, int[] faces)
    {
        float area = Edge(a, b, c.X, c.Y);
        int firstX = Math.Max(0, (int)MathF.Floor(MathF.Min(a.X, MathF.Min(b.X, c.X))));
        int firstY = Math.Max(0, (int)MathF.Floor(MathF.Min(a.Y, MathF.Min(b.Y, c.Y))));
        int lastX = Math.Min(width - 1, (int)MathF.Ceiling(MathF.Max(a.X, MathF.Max(b.X, c.X))));
        int lastY = Math.Min(height - 1, (int)MathF.Ceiling(MathF.Max(a.Y, MathF.Max(b.Y, c.Y))));
        if (area == 0)
        {
            return;
        }

        for (int y = firstY; y <= lastY; y++)
        {
            for (int x = firstX; x <= lastX; x++)
            {
                // Barycentric weights at the pixel's centre; dividing by the signed area accepts both sides.
                float u = Edge(b, c, x + 0.5f, y + 0.5f) / area;
                float v = Edge(c, a, x + 0.5f, y + 0.5f) / area;
                float w = 1 - u - v;
                int pixel = y * width + x;
                float inverseDepth = u * a.Z + v * b.Z + w * c.Z;
                if (u >= 0 && v >= 0 && w >= 0 && inverseDepth > inverseDepths[pixel])
                {
                    inverseDepths[pixel] = inverseDepth;
                    faces[pixel] = face;
                }
            }
        }
    }

    private static SurfaceView Resolve(LabeledSurface surface, PinholeCamera camera, int[] faces, float[] inverseDepths)
    {
        var photo = new byte[3 * faces.Length];
        var parts = new ushort[faces.Length];
        photo.AsSpan().Fill(Background);
        parts.AsSpan().Fill(LabeledScene.None);
        for (int pixel = 0; pixel < faces.Length; pixel++)
        {
            if (faces[pixel] >= 0)
            {
                SurfaceTriangle face = surface.Triangles[faces[pixel]];
                parts[pixel] = face.Part;
                for (int channel = 0; channel < 3; channel++)
                {
                    photo[3 * pixel + channel] = (byte)MathF.Round(byte.MaxValue * Math.Clamp(face.Color[channel], 0, 1));
                }
            }
        }

        return new SurfaceView(new RgbImage(camera.Width, camera.Height, photo), parts, inverseDepths);
    }

    private static float Edge(Vector3 from, Vector3 to, float x, float y) =>
        (to.X - from.X) * (y - from.Y) - (to.Y - from.Y) * (x - from.X);
}
