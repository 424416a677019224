using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Rasterization;
using Saga.Tests.Masks;

namespace Saga.Engine.Tests.Masks.Generation;

public sealed class ViewPicturesTests
{
    private static readonly GaussianScene Scene = TestScenes.Random(300, 5);
    private static readonly SceneView View = new("a", TestScenes.Frontal(96, 72), "a.png");
    private readonly ViewPictures _pictures = new(new CpuRasterizer(Scene));

    [Theory]
    [InlineData(1000, 96, 72)]
    [InlineData(48, 48, 36)]
    public void A_view_without_a_photo_is_drawn_not_larger_than_it_is_nor_than_is_useful(int usefulSide, int width, int height)
    {
        ViewPicture picture = _pictures.OfScene(View, usefulSide, TestContext.Current.CancellationToken);

        Check(picture, width, height);
        RenderedImage expected = new CpuRasterizer(Scene).Render(
            View.Camera.ResizedTo(width), new RenderOptions { Color = true, Depth = true, Alpha = true }, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Depth, picture.Rendering.Depth);
        Assert.Equal(expected.Color.Select(c => (byte)(255 * Math.Clamp(c, 0f, 1f) + 0.5f)), picture.Photo.Pixels);
    }

    [Theory]
    [InlineData(192, 1000, 192, 144)]
    [InlineData(192, 100, 100, 75)]
    [InlineData(48, 1000, 48, 36)]
    public void A_photo_decides_the_size_and_the_scene_is_drawn_at_it(int photoWidth, int usefulSide, int width, int height)
    {
        byte[] photo = ImageFile.EncodePng(new RgbImage(photoWidth, photoWidth * 3 / 4, new byte[photoWidth * (photoWidth * 3 / 4) * 3]));

        ViewPicture picture = _pictures.OfPhoto(View, photo, usefulSide, TestContext.Current.CancellationToken);

        Check(picture, width, height);
        Assert.All(picture.Photo.Pixels, p => Assert.Equal(0, p));
        Assert.Contains(picture.Rendering.Depth, depth => depth > 0);
        Assert.Empty(picture.Rendering.Color);
    }

    [Fact]
    public void Files_of_made_masks_are_masks_as_they_are_uploaded()
    {
        byte[] pixels = new byte[96 * 72];
        pixels.AsSpan(1000, 500).Fill(1);
        BinaryMask[] masks = [BinaryMask.FromPixels(96, 72, pixels), BinaryMask.FromPixels(48, 36, [.. Enumerable.Repeat((byte)1, 48 * 36)])];
        using var file = new MemoryStream();
        SamJson.Write(file, masks);

        MaskSet read = MaskArchive.Read(ZipOf.Files(("a.json", file.ToArray())), [View], cancellationToken: TestContext.Current.CancellationToken);

        file.Position = 0;
        ViewMasks direct = SamJson.Read(file, View, TestContext.Current.CancellationToken);
        Assert.Equal([500, 96 * 72], read.Views[0].Masks.Select(mask => mask.Area));
        Assert.Equal([500, 96 * 72], direct.Masks.Select(mask => mask.Area));
        Assert.Equal(masks[0].RunEnds.ToArray(), direct.Masks[0].RunEnds.ToArray());
    }

    [Fact]
    public void Files_of_made_masks_that_were_cut_off_are_refused()
    {
        using var file = new MemoryStream();
        SamJson.Write(file, [BinaryMask.FromPixels(96, 72, [.. Enumerable.Repeat((byte)1, 96 * 72)])]);
        byte[] whole = file.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidMaskException>(
                () => SamJson.Read(new MemoryStream(whole[..length]), View, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void Photos_are_found_in_any_folder_and_of_two_the_first_counts()
    {
        using PhotoArchive photos = PhotoArchive.Open(ZipOf.Files(
            ("one/a.JPG", [1]), ("two/a.png", [2]), ("__MACOSX/b.jpg", [3]), (".c.jpg", [4]), ("d.txt", [5])));

        Assert.True(photos.Has(View));
        Assert.Equal([1], photos.Read(View));
        Assert.False(photos.Has(View with { Name = "b" }));
        Assert.False(photos.Has(View with { Name = "d" }));
    }

    private static void Check(ViewPicture picture, int width, int height)
    {
        Assert.Equal((width, height), (picture.Photo.Width, picture.Photo.Height));
        Assert.Equal((width, height), (picture.Rendering.Width, picture.Rendering.Height));
        Assert.Equal((width, height), (picture.Camera.Width, picture.Camera.Height));
        Assert.Equal(width * height, picture.Rendering.Alpha.Length);
    }
}
