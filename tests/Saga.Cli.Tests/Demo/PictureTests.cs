using Saga.Cli.Demo;
using Saga.Engine.Images;

namespace Saga.Cli.Tests.Demo;

public sealed class PictureTests
{
    [Fact]
    public void Darkens_what_is_not_selected_and_tints_what_is()
    {
        var picture = new Picture(2, 1, [100, 100, 100, 100, 100, 100]);

        picture.Highlight([true, false]);

        Assert.Equal<byte>([177, 82, 130, 50, 50, 50], picture.Rgb);
    }

    [Fact]
    public void Halves_by_averaging_four_pixels()
    {
        var picture = new Picture(3, 3, [.. Enumerable.Range(0, 27).Select(i => (byte)(10 * (i / 3)))]);

        Picture half = picture.Halved();

        Assert.Equal((1, 1), (half.Width, half.Height));
        Assert.Equal<byte>([20, 20, 20], half.Rgb);
    }

    [Fact]
    public void The_mark_is_a_ring_around_the_click_and_may_leave_the_picture()
    {
        var picture = new Picture(40, 30, [.. Enumerable.Repeat<byte>(100, 3600)]);

        picture.Mark(20, 15);
        picture.Mark(0, 0);

        Assert.Equal(100, picture.Rgb[3 * (15 * 40 + 20)]);
        Assert.Equal(255, picture.Rgb[3 * (15 * 40 + 27)]);
    }

    [Fact]
    public void Reads_the_one_bit_mask_of_a_view()
    {
        byte[] png = ImageFile.EncodePngBinary(3, 2, [0, 1, 0, 1, 1, 0]);

        Assert.Equal([false, true, false, true, true, false], ViewMask.Read(png, 3, 2));
        Assert.Throws<InvalidDataException>(() => ViewMask.Read(png, 2, 3));
    }

    [Fact]
    public void A_saved_picture_reads_back()
    {
        string folder = Directory.CreateTempSubdirectory("saga-picture-").FullName;
        try
        {
            var picture = new Picture(2, 2, [.. Enumerable.Range(0, 12).Select(i => (byte)(20 * i))]);
            picture.Save(Path.Combine(folder, "p.png"));

            Assert.Equal(picture.Rgb, Picture.Read(Path.Combine(folder, "p.png")).Rgb);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
