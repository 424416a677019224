using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>The surface that each pixel shows: its disparity and the plane that continues it.</summary>
/// <remarks>
/// With the disparity d = 1/z, a plane of space is a plane of the picture: d(u, v) = a·u + b·v + c, and for its points
/// 1 = a·fx·x + b·fy·y + (a·cx + b·cy + c)·z, so (a·fx, b·fy, a·cx + b·cy + c) is its normal. Two pixels lie on one surface where their
/// planes agree half-way between them, however steep the surface is.
/// </remarks>
internal sealed class SurfacePicture
{
    /// <summary>Coverage from which on a pixel shows something.</summary>
    public const float MinAlpha = 0.5f;

    // Depths beyond these are no scene's, and what is computed from those between them stays finite.
    private const float MinDepth = 1e-9f;
    private const float MaxDepth = 1e9f;

    private SurfacePicture(PinholeCamera camera, float[] disparity)
    {
        Camera = camera;
        Disparity = disparity;
        SlopeX = new float[disparity.Length];
        SlopeY = new float[disparity.Length];
        Normals = new float[3 * disparity.Length];
    }

    /// <summary>The camera, of the picture's size.</summary>
    public PinholeCamera Camera { get; }

    /// <summary>1/z in 1/world units, [height, width]; 0 where a pixel shows nothing.</summary>
    public float[] Disparity { get; }

    /// <summary>∂d/∂u of each pixel's plane, per pixel, [height, width].</summary>
    public float[] SlopeX { get; }

    /// <summary>∂d/∂v of each pixel's plane, per pixel, [height, width].</summary>
    public float[] SlopeY { get; }

    /// <summary>Unit normals towards the camera, camera frame, [height, width, 3]; 0 where a pixel shows nothing.</summary>
    public float[] Normals { get; }

    /// <summary>Reads a rendering: a pixel shows something where alpha, if there is one, is at least ½ and the depth is possible.</summary>
    public static SurfacePicture From(RenderedImage rendering, LabPicture colors, PinholeCamera camera)
    {
        float[] disparity = new float[rendering.Depth.Length];
        for (int i = 0; i < disparity.Length; i++)
        {
            float depth = rendering.Depth[i];
            bool isShown = depth is >= MinDepth and <= MaxDepth && (rendering.Alpha.Length == 0 || rendering.Alpha[i] >= MinAlpha);
            disparity[i] = isShown ? 1f / depth : 0;
        }

        disparity = DepthEdgeSharpening.Run(disparity, colors, camera.Width, camera.Height);
        disparity = DisparitySmoothing.Run(disparity, colors, camera.Width, camera.Height);
        var surface = new SurfacePicture(camera, disparity);
        DisparityPlaneKernel.Run(disparity, surface.SlopeX, surface.SlopeY, camera.Width, camera.Height);
        surface.SetNormals();
        return surface;
    }

    /// <summary>True where the pixel shows something.</summary>
    public bool IsShown(int pixel) => Disparity[pixel] > 0;

    /// <summary>
    /// How far apart the disparities of two neighbouring pixels' planes are half-way between them, as a share of the larger one, in [0, 1].
    /// </summary>
    public float RelativeGap(int from, int to, int stepX, int stepY)
    {
        float a = Disparity[from] + 0.5f * (stepX * SlopeX[from] + stepY * SlopeY[from]);
        float b = Disparity[to] - 0.5f * (stepX * SlopeX[to] + stepY * SlopeY[to]);
        float larger = MathF.Max(Disparity[from], Disparity[to]);
        return MathF.Min(MathF.Abs(a - b) / larger, 1f);
    }

    /// <summary>The point that a pixel shows, camera frame, world units.</summary>
    public (float X, float Y, float Z) Point(int pixel)
    {
        float z = 1f / Disparity[pixel];
        int y = pixel / Camera.Width;
        int x = pixel - y * Camera.Width;
        return ((float)((x + 0.5 - Camera.Cx) / Camera.Fx) * z, (float)((y + 0.5 - Camera.Cy) / Camera.Fy) * z, z);
    }

    private void SetNormals()
    {
        for (int y = 0, i = 0; y < Camera.Height; y++)
        {
            for (int x = 0; x < Camera.Width; x++, i++)
            {
                if (!IsShown(i))
                {
                    continue;
                }

                // c + a·cx + b·cy, with c from the plane through this pixel.
                double nx = SlopeX[i] * Camera.Fx;
                double ny = SlopeY[i] * Camera.Fy;
                double nz = Disparity[i] - SlopeX[i] * (x + 0.5 - Camera.Cx) - SlopeY[i] * (y + 0.5 - Camera.Cy);
                double length = Math.Sqrt(nx * nx + ny * ny + nz * nz);
                if (length > 0 && double.IsFinite(length))
                {
                    // n·X = 1 > 0 for the points of the plane: the normal looks away from the camera until it is turned.
                    Normals[3 * i] = (float)(-nx / length);
                    Normals[3 * i + 1] = (float)(-ny / length);
                    Normals[3 * i + 2] = (float)(-nz / length);
                }
            }
        }
    }
}
