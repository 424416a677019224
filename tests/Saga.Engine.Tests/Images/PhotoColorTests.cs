using NetVips;
using Saga.Engine.Cameras;
using Saga.Engine.Images;

namespace Saga.Engine.Tests.Images;

public sealed class PhotoColorTests
{
    private const int Width = 48;
    private const int Height = 32;

    /// <summary>Every kind of file that a camera, an editor or a scanner writes, of one grey-brown picture.</summary>
    public static TheoryData<string> Kinds => ["jpeg", "png", "webp", "png16", "grey", "grey16", "palette", "alpha", "cmyk", "p3"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_photo_of_any_kind_is_read_as_8_bit_sRGB(string kind)
    {
        byte[] file = Write(kind);

        RgbImage whole = ImageFile.Decode(file);
        RgbImage shrunk = ImageFile.DecodeShrunk(file, Width / 2);

        // A grey kind shows the picture's luminance; inks cannot mix every colour and are compared loosely.
        (int R, int G, int B) expected = kind.StartsWith("grey", StringComparison.Ordinal) ? (123, 123, 123) : (150, 120, 60);
        int tolerance = kind is "cmyk" ? 25 : kind is "palette" or "grey" or "grey16" ? 6 : 3;
        foreach (RgbImage image in new[] { whole, shrunk })
        {
            int middle = 3 * (image.Height / 2 * image.Width + image.Width / 2);
            Assert.Equal(3 * image.Width * image.Height, image.Pixels.Length);
            Assert.InRange(image.Pixels[middle], expected.R - tolerance, expected.R + tolerance);
            Assert.InRange(image.Pixels[middle + 1], expected.G - tolerance, expected.G + tolerance);
            Assert.InRange(image.Pixels[middle + 2], expected.B - tolerance, expected.B + tolerance);
        }

        Assert.Equal((Width, Height), (whole.Width, whole.Height));
        Assert.Equal((Width / 2, Height / 2), (shrunk.Width, shrunk.Height));
    }

    [Fact]
    public void A_profile_that_does_not_fit_its_photo_is_passed_over()
    {
        using Image grey = Plain().Colourspace(Enums.Interpretation.Bw);
        using Image wrong = grey.Mutate(image => image.Set(GValue.BlobType, "icc-profile-data", new byte[] { 1, 2, 3, 4 }));

        Assert.InRange(ImageFile.Decode(wrong.PngsaveBuffer()).Pixels[0], 117, 129);
    }

    [Fact]
    public void A_photo_taken_upright_by_a_turned_camera_fits_its_view()
    {
        using Image turned = Plain().Rot90().Mutate(image => image.Set(GValue.GIntType, "orientation", 8));
        var view = new SceneView(
            "a", new PinholeCamera(Width, Height, 40, 40, 24, 16, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3)), "a.jpg");

        RgbImage photo = ViewPhoto.Decode(turned.JpegsaveBuffer(), view, 1000);

        Assert.Equal((Width, Height), (photo.Width, photo.Height));
    }

    private static Image Plain() =>
        (Image.Black(Width, Height, bands: 3) + new double[] { 150, 120, 60 }).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);

    private static byte[] Write(string kind)
    {
        using Image plain = Plain();
        switch (kind)
        {
            case "jpeg":
                return plain.JpegsaveBuffer(q: 95);
            case "png":
                return plain.PngsaveBuffer();
            case "webp":
                return plain.WebpsaveBuffer(lossless: true);
            case "png16":
                return plain.Colourspace(Enums.Interpretation.Rgb16).PngsaveBuffer();
            case "grey":
                return plain.Colourspace(Enums.Interpretation.Bw).JpegsaveBuffer(q: 95);
            case "grey16":
                return plain.Colourspace(Enums.Interpretation.Grey16).PngsaveBuffer();
            case "palette":
                return plain.PngsaveBuffer(palette: true);
            case "alpha":
                return plain.Bandjoin(255).PngsaveBuffer();
            case "cmyk":
                return plain.IccTransform("cmyk", inputProfile: "srgb").JpegsaveBuffer(q: 95);
            default:
                return plain.IccTransform("p3", inputProfile: "srgb").JpegsaveBuffer(q: 98);
        }
    }
}
