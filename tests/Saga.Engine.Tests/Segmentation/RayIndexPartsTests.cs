using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

/// <summary>A row put together from the parts of several indices is the row of one, bit for bit.</summary>
[Trait("Category", "Kernel")]
public class RayIndexPartsTests
{
    [Theory]   // thin clouds, rows that end because nothing shines through, splats across the near plane; cameras inside and outside
    [InlineData(1, 3.0, 0.005, 0.2, 2)]
    [InlineData(2, 3.0, 0.2, 0.6, 3)]
    [InlineData(3, 0.3, 0.001, 30.0, 5)]
    [InlineData(4, 2.0, 1e-6, 1e-3, 7)]
    [InlineData(5, 3.0, 0.5, 2.0, 40)]
    public void Rows_of_parts_equal_rows_of_the_whole(int seed, double distance, double smallest, double largest, int partCount)
    {
        Random random = new(seed);
        GaussianScene scene = SyntheticScenes.Cloud(random, 1500, smallest, largest);

        // Nearly opaque ones among them: a part's own row then ends early.
        for (int i = 0; i < scene.Count; i += 3)
        {
            scene.OpacityLogits[i] = 6;
        }

        RayIndex whole = RayIndex.Build(scene);
        int[] starts = [.. Enumerable.Range(0, partCount + 1).Select(part => scene.Count * part / partCount)];
        RayIndex[] parts = [.. Enumerable.Range(0, partCount).Select(part => RayIndex.Build(Range(scene, starts[part], starts[part + 1])))];
        PinholeCamera camera = SyntheticScenes.LookAt([0, 0.1 * distance, -distance], [0, 0, 0.31]);
        int mixed = 0;
        int left = 0;
        for (int p = 0; p < 60; p++)
        {
            var pixel = new PixelPosition(camera.Width * random.NextSingle(), camera.Height * random.NextSingle());
            SparsePixelRows expected = whole.PixelRows(camera, [pixel]);
            ProjectedGaussian[][] found = [.. parts.Select(part => part.PartOfRow(camera, pixel))];
            for (int part = 0; part < partCount; part++)
            {
                for (int k = 0; k < found[part].Length; k++)
                {
                    found[part][k].Index += starts[part];
                }
            }

            SparsePixelRows actual = RayIndex.Blend([.. found.SelectMany(part => part)], pixel);

            int length = expected.RowStarts[1];
            Assert.Equal(length, actual.RowStarts[1]);
            Assert.Equal(expected.GaussianIndices[..length], actual.GaussianIndices[..length]);
            Assert.Equal(Bits(expected.Weights[..length]), Bits(actual.Weights[..length]));
            Assert.Equal(Bits(expected.Alphas), Bits(actual.Alphas));
            Assert.Equal(Bits(expected.Depths), Bits(actual.Depths));
            mixed += found.Count(part => part.Length > 0) > 1 ? 1 : 0;
            left += found.Sum(part => part.Length) > length ? 1 : 0;
        }

        // Specks that hardly any ray meets aside, parts meet; in dense clouds they also send what the whole row does not reach.
        Assert.True(largest <= 1e-3 || mixed > 10, $"{mixed} rays meet several parts");
        Assert.True(smallest < 0.2 || left > 10, $"{left} rays end before the last Gaussian of all parts");
    }

    private static GaussianScene Range(GaussianScene scene, int start, int end) => SyntheticScenes.Scene(
        scene.Means[(3 * start)..(3 * end)], scene.LogScales[(3 * start)..(3 * end)], scene.OpacityLogits[start..end],
        scene.Rotations[(4 * start)..(4 * end)]);

    private static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];
}
