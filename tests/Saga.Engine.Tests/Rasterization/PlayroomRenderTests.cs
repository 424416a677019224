using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Tests.Compute;
using Saga.Tests;

namespace Saga.Engine.Tests.Rasterization;

/// <summary>The sample scene against its photos, which come from meshes and not from splats.</summary>
public abstract class PlayroomRenderTests(TestDevice device)
{
    /// <summary>A mirrored, shifted or half-empty picture stays below 15 dB; sampling noise of the splats leaves 21.</summary>
    private const double MinDecibels = 19;

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(41)]
    public void A_rendered_view_looks_like_its_photo(int view)
    {
        GaussianScene scene = GaussianPlyReader.Read(
            SharedData.Playroom("gaussians.ply"), new GaussianReadOptions(), CancellationToken.None);
        SceneView sceneView = CameraFile.Read(SharedData.Playroom("cameras.json"), "cameras.json")[view];
        RgbImage photo = ImageFile.Decode(File.ReadAllBytes(SharedData.Playroom("images", sceneView.Name + ".jpg")));
        RenderOptions options = new() { Color = true, Background = RgbColor.White };

        RenderedImage image = device.Rasterizer(scene).Render(sceneView.Camera, options, CancellationToken.None);

        byte[] pixels = ColorMaps.Color(image).Pixels;
        double squared = pixels.Zip(photo.Pixels, (a, b) => Math.Pow((a - b) / 255.0, 2)).Average();
        Assert.True(-10 * Math.Log10(squared) >= MinDecibels, $"{-10 * Math.Log10(squared):0.0} dB");
    }
}

public sealed class CpuPlayroomRenderTests() : PlayroomRenderTests(TestDevice.Cpu);

public sealed class OpenClPlayroomRenderTests() : PlayroomRenderTests(TestDevice.OpenCl);
