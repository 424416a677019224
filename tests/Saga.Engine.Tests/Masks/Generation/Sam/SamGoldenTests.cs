using System.Security.Cryptography;
using System.Text.Json;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation.Sam;

namespace Saga.Engine.Tests.Masks.Generation.Sam;

/// <summary>Every step against Pillow, PyTorch, torchvision and OpenCV, which the published generator consists of.</summary>
public sealed class SamGoldenTests
{
    [Fact]
    public void Pictures_are_framed_as_published()
    {
        foreach (JsonElement frame in SamFixtures.Of("frames").EnumerateArray())
        {
            int[] sizes = frame.Ints();
            Assert.Equal(new SamFrame(sizes[0], sizes[1], sizes[2], sizes[3]), SamFrame.Of(sizes[0], sizes[1]));
        }
    }

    [Fact]
    public void Pictures_are_resized_byte_for_byte_as_Pillow_does()
    {
        foreach (JsonElement golden in SamFixtures.Of("resized").EnumerateArray())
        {
            int[] size = golden.Ints("size");
            RgbImage picture = SamFixtures.Picture(size[0], size[1]);
            var frame = SamFrame.Of(size[0], size[1]);

            byte[] resized = ByteResize.Rgb(picture.Pixels, size[0], size[1], frame.ScaledWidth, frame.ScaledHeight);

            Assert.True(
                golden.GetProperty("sha256").GetString() == Convert.ToHexStringLower(SHA256.HashData(resized)),
                $"{size[0]}×{size[1]} to {frame.ScaledWidth}×{frame.ScaledHeight} differs from Pillow");
        }
    }

    [Fact]
    public void The_encoders_input_is_normalised_red_first_and_zero_beside_the_picture()
    {
        JsonElement golden = SamFixtures.Of("normalized");
        int[] size = golden.Ints("size");
        float[] input = new float[3 * 1024 * 1024];
        Array.Fill(input, float.NaN);

        EncoderInput.Normalized(SamFixtures.Picture(size[0], size[1]), input);

        foreach (JsonElement value in golden.GetProperty("values").EnumerateArray())
        {
            int c = value[0].GetInt32(), y = value[1].GetInt32(), x = value[2].GetInt32();
            Assert.Equal(value[3].GetSingle(), input[(c * 1024 + y) * 1024 + x], 1e-6f);
        }

        Assert.DoesNotContain(input, float.IsNaN);
    }

    [Fact]
    public void Raw_input_is_the_resized_picture_in_either_order()
    {
        RgbImage picture = SamFixtures.Picture(512, 256);
        byte[] resized = ByteResize.Rgb(picture.Pixels, 512, 256, 1024, 512);

        float[] last = EncoderInput.Raw(picture, channelsFirst: false);
        float[] first = EncoderInput.Raw(picture, channelsFirst: true);

        Assert.Equal(resized.Length, last.Length);
        Assert.Equal(resized.Length, first.Length);
        Assert.DoesNotContain(
            Enumerable.Range(0, resized.Length), i => resized[i] != last[i] || resized[i] != first[i % 3 * 1024 * 512 + i / 3]);
    }

    [Fact]
    public void The_grid_and_its_place_in_the_encoders_square_are_as_published()
    {
        JsonElement golden = SamFixtures.Of("grid");
        int[] size = golden.Ints("size");
        (double X, double Y)[] points = PointGrid.Over(size[0], size[1], golden.Int("perSide"));

        Assert.Equal(1024, points.Length);
        foreach (JsonElement point in golden.GetProperty("points").EnumerateArray())
        {
            double[] numbers = [.. point.EnumerateArray().Select(v => v.GetDouble())];
            (double x, double y) = points[(int)numbers[0]];
            Assert.Equal((numbers[1], numbers[2]), (x, y));
            Assert.Equal(((float)numbers[3], (float)numbers[4]), SamFrame.Of(size[0], size[1]).Place(x, y));
        }
    }

    [Theory]
    [InlineData(32, 2, 1, 16)]
    [InlineData(32, 3, 2, 3)]
    [InlineData(1, 8, 3, 1)]   // published: no point at all, and then an error
    public void Layers_of_crops_have_fewer_points(int perSide, int factor, int layer, int expected) =>
        Assert.Equal(expected, PointGrid.PerSide(perSide, factor, layer));

    [Fact]
    public void Masks_are_enlarged_and_rated_as_PyTorch_does()
    {
        foreach (JsonElement golden in SamFixtures.Of("enlarged").EnumerateArray())
        {
            int[] size = golden.Ints("size");
            var cut = new LogitCut(SamFrame.Of(size[0], size[1]));

            float stability = cut.FromLowResolution(SamFixtures.Logits(golden.Int("seed")));

            // Blends in another order round differently: single pixels may change sides.
            var mask = BinaryMask.FromPixels(size[0], size[1], cut.Pixels);
            double pixels = 3;
            Assert.Equal(golden.GetProperty("stability").GetDouble(), stability, 2 * pixels / Math.Max(mask.Area, 100));
            Assert.Equal(golden.Int("area"), mask.Area, pixels);
            int[] box = golden.Ints("box");
            Assert.Equal(new PixelBox(box[0], box[1], box[2], box[3]), PixelBox.Of(mask));
            foreach (JsonElement sample in golden.GetProperty("sample").EnumerateArray())
            {
                int[] values = sample.Ints();
                Assert.Equal(values[2] == 1, cut.Pixels[values[1] * size[0] + values[0]] != 0);
            }
        }
    }

    [Fact]
    public void Boxes_are_suppressed_as_torchvision_does()
    {
        foreach (JsonElement golden in SamFixtures.Of("suppressed").EnumerateArray())
        {
            PixelBox[] boxes = [.. golden.GetProperty("boxes").EnumerateArray().Select(b => b.Ints()).Select(b => new PixelBox(b[0], b[1], b[2], b[3]))];
            float[] scores = [.. golden.GetProperty("scores").EnumerateArray().Select(s => s.GetSingle())];

            List<int> kept = BoxSuppression.Keep(boxes, scores, golden.GetProperty("threshold").GetSingle());

            Assert.Equal(golden.Ints("kept"), kept);
            Assert.InRange(kept.Count, 2, boxes.Length - 1);
        }
    }

    [Fact]
    public void Crops_are_laid_out_as_published()
    {
        foreach (JsonElement golden in SamFixtures.Of("crops").EnumerateArray())
        {
            int[] size = golden.Ints("size");
            IEnumerable<SamCrop> expected = golden.GetProperty("crops").EnumerateArray().Select(c => c.Ints())
                .Select(c => new SamCrop(c[0], c[1], c[2], c[3], c[4]));

            Assert.Equal(expected, SamCrop.Layout(size[0], size[1], golden.Int("layers"), 512.0 / 1500));
        }
    }

    [Fact]
    public void Boxes_at_a_crops_edge_that_is_not_the_pictures_are_cut()
    {
        int cutCount = 0;
        JsonElement cases = SamFixtures.Of("cut");
        foreach (JsonElement golden in cases.EnumerateArray())
        {
            int[] c = golden.Ints("crop"), size = golden.Ints("size"), box = golden.Ints("box");
            bool cut = golden.GetProperty("cut").GetBoolean();
            cutCount += cut ? 1 : 0;

            Assert.Equal(cut, new SamCrop(1, c[0], c[1], c[2], c[3]).Cuts(new PixelBox(box[0], box[1], box[2], box[3]), size[0], size[1]));
        }

        Assert.InRange(cutCount, 1, cases.GetArrayLength() - 1);
    }

    [Fact]
    public void Small_regions_go_as_with_OpenCVs_components()
    {
        foreach (JsonElement golden in SamFixtures.Of("regions").EnumerateArray())
        {
            int[] size = golden.Ints("size");
            int seed = golden.Int("seed");
            var before = BinaryMask.FromPixels(size[0], size[1], SamFixtures.Blobs(size[0], size[1], seed));
            var expected = BinaryMask.FromRunLengths(size[0], size[1], golden.Ints("after"));

            BinaryMask after = SmallRegions.Remove(before, golden.Int("area"));

            Assert.True(expected.RunEnds.SequenceEqual(after.RunEnds), $"blobs {seed} differ");
        }
    }
}
