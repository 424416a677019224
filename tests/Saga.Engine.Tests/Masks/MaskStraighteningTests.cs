using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Lenses;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Tests.Cameras.Lenses;

namespace Saga.Tests.Masks;

public sealed class MaskStraighteningTests
{
    private const int Width = 160;
    private const int Height = 120;

    private static readonly CameraLens Lens = new(Width, Height, 110, 110, 82, 58, LensReference.OpenCv);

    private static readonly SceneView View = new(
        "a", StraightCamera.Of(Lens, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3)), "a.png", Lens);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_mask_of_a_distorted_photo_covers_what_it_covered_in_the_photo(int size)
    {
        // The photo's mask is a disc around what lies in direction (0.2, -0.1): the straight mask must be that disc of directions.
        BinaryMask mask = Disc(size);

        ViewMasks masks = Read(mask);

        BinaryMask straight = Assert.Single(masks.Masks);
        Assert.Equal((Width, Height), (straight.Width, straight.Height));
        int different = 0;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                (double u, double v) = ((x + 0.5 - View.Camera.Cx) / View.Camera.Fx, (y + 0.5 - View.Camera.Cy) / View.Camera.Fy);
                different += IsInDisc(u, v) == straight.Contains(x, y) ? 0 : 1;
            }
        }

        // The disc's rim is some 80 pixels long, and the nearest pixel decides on either side of it.
        Assert.InRange(different, 0, size == 1 ? 60 : 25);
        Assert.InRange(straight.Area, 300, 1200);
    }

    [Fact]
    public void A_mask_of_the_border_that_is_cut_off_is_left_out()
    {
        byte[] corner = new byte[Width * Height];
        corner[0] = 1;

        Assert.Empty(Read(BinaryMask.FromPixels(Width, Height, corner)).Masks);
    }

    private static ViewMasks Read(BinaryMask mask)
    {
        byte[] pixels = new byte[mask.Width * mask.Height];
        mask.Decode(pixels);
        using MemoryStream zip = ZipOf.Files(("a.png", ImageFile.EncodePngGray8(mask.Width, mask.Height, pixels)));
        using MaskArchive archive = MaskArchive.Open(zip, [View]);
        return archive.ReadView(0, TestContext.Current.CancellationToken);
    }

    private static BinaryMask Disc(int size)
    {
        byte[] pixels = new byte[Width * Height * size * size];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, Width * size);
            (double x, double y) = LensReference.Undistort(
                Lens.Distortion, ((column + 0.5) / size - Lens.Cx) / Lens.Fx, ((row + 0.5) / size - Lens.Cy) / Lens.Fy);
            pixels[i] = IsInDisc(x, y) ? (byte)1 : (byte)0;
        }

        return BinaryMask.FromPixels(Width * size, Height * size, pixels);
    }

    private static bool IsInDisc(double x, double y) => Math.Pow(x - 0.2, 2) + Math.Pow(y + 0.1, 2) < 0.15 * 0.15;
}
