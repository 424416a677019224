using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes.Formats;

public sealed class AxisFlipsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, -1, -1)]
    [InlineData(-1, 1, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 1, -1)]
    [InlineData(-1, -1, 1)]
    [InlineData(-1, 1, -1)]
    [InlineData(-1, -1, -1)]
    public void A_turned_scene_looks_the_same_to_a_turned_camera(int x, int y, int z)
    {
        // Turning twice would hide a wrong sign; what is drawn does not: places, shapes and view-dependent colours.
        GaussianScene scene = GaussianFile.Read(_folder.Write(
            "scene.ply", new PlyTestFile("binary_little_endian", TestGaussians.Inria(200, degree: 3)).ToBytes()));
        const int side = 60;
        PinholeCamera camera = new(side, side, 40, 40, side / 2.0, side / 2.0, Tilted());
        bool mirrors = x * y * z < 0;
        PinholeCamera turned = camera with { Pose = Turned(camera.Pose, x, y, z, mirrors ? -1 : 1) };

        float[] expected = Draw(scene, camera);
        float[] actual = Draw(scene.Turned(new AxisFlips(x, y, z)), turned);

        Assert.Contains(expected, value => value > 0.2f);
        for (int p = 0; p < side * side; p++)
        {
            int q = mirrors ? p / side * side + (side - 1 - p % side) : p;
            for (int c = 0; c < 3; c++)
            {
                // Float sums in another order of rounding.
                Assert.Equal(expected[3 * p + c], actual[3 * q + c], 2e-3f);
            }
        }
    }

    private static float[] Draw(GaussianScene scene, PinholeCamera camera) =>
        [.. new CpuRasterizer(scene).Render(camera, new RenderOptions { Color = true }, CancellationToken.None).Color];

    /// <summary>12 units away, looking at the middle from a direction that no axis has.</summary>
    private static CameraPose Tilted()
    {
        (double sinA, double cosA) = Math.SinCos(0.6);
        (double sinB, double cosB) = Math.SinCos(0.4);
        return new CameraPose(
            cosA, 0, sinA, 0,
            sinA * sinB, cosB, -cosA * sinB, 0,
            -sinA * cosB, sinB, cosA * cosB, 12);
    }

    /// <summary>The pose for a world whose axes are turned; a mirrored world is seen by a camera whose x is mirrored.</summary>
    private static CameraPose Turned(CameraPose p, int x, int y, int z, int u) => new(
        u * p.R00 * x, u * p.R01 * y, u * p.R02 * z, u * p.Tx,
        p.R10 * x, p.R11 * y, p.R12 * z, p.Ty,
        p.R20 * x, p.R21 * y, p.R22 * z, p.Tz);
}
