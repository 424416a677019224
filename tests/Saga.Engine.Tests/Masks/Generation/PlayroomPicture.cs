using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Tests.Masks.Generation;

/// <summary>What there is to see in a view of the sample.</summary>
internal static class PlayroomPicture
{
    private static readonly Lazy<CpuRasterizer> Rasterizer = new(() => new CpuRasterizer(Scene()));

    /// <summary>With its photo.</summary>
    public static ViewPicture Read(string view)
    {
        PinholeCamera camera = Camera(view);
        RenderedImage rendering = Rasterizer.Value.Render(camera, new RenderOptions { Depth = true, Alpha = true }, CancellationToken.None);
        RgbImage photo = ImageFile.Decode(File.ReadAllBytes(SharedData.Playroom("images", view + ".jpg")));
        return new ViewPicture(photo, rendering, camera);
    }

    /// <summary>Without it, as the engine draws the scene.</summary>
    public static ViewPicture Rendered(string view)
    {
        PinholeCamera camera = Camera(view);
        var options = new RenderOptions { Color = true, Depth = true, Alpha = true };
        RenderedImage rendering = Rasterizer.Value.Render(camera, options, CancellationToken.None);
        return new ViewPicture(ColorMaps.Color(rendering), rendering, camera);
    }

    private static PinholeCamera Camera(string view)
    {
        string path = SharedData.Playroom("cameras.json");
        return CameraFile.Read(path, Path.GetFileName(path)).Single(v => v.Name == view).Camera;
    }

    private static GaussianScene Scene() =>
        GaussianPlyReader.Read(SharedData.Playroom("gaussians.ply"), new GaussianReadOptions(MaxShDegree: 0), CancellationToken.None);
}
