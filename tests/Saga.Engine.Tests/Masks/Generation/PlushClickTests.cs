using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Masks.Generation.Builtin;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;

namespace Saga.Tests.Masks.Generation;

/// <summary>A real capture without masks: found ones train it, and a click selects a thing whose outline is known in two photos.</summary>
public sealed class PlushClickTests(ITestOutputHelper output)
{
    private const string ClickedView = "20240212_003919";

    /// <summary>Every fourth view is enough to find things in, and a test is no benchmark.</summary>
    private const int ViewStep = 4;

    private const int Iterations = 300;

    private static readonly (string Thing, float X, float Y, double MinIou)[] Clicks =
    [
        ("hat", 250.5f, 64.5f, 0.45), ("dress", 285.5f, 245.5f, 0.4), ("bed", 250.5f, 340.5f, 0.5),
    ];

    [Fact]
    public void A_click_on_the_hat_the_dress_and_the_bed_selects_each()
    {
        string folder = SharedData.Require("data", "plush");
        GaussianScene scene = GaussianPlyReader.Read(Path.Combine(folder, "gaussians.ply"), new GaussianReadOptions(), CancellationToken.None);
        IReadOnlyList<SceneView> views = CameraFile.Read(Path.Combine(folder, "cameras.json"), "cameras.json");
        var rasterizer = new CpuRasterizer(scene);
        ViewMasks[] masks = [.. views.Where((_, i) => i % ViewStep == 0).Select(view => Find(folder, view, rasterizer))];
        using var trainer = new AffinityTrainer(scene, views, masks, AffinityTrainingOptions.Balanced with { Iterations = Iterations });
        AffinityModel model = trainer.Run(null, cancellationToken: CancellationToken.None);
        var segmenter = new PromptSegmenter(scene, model);
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, BinaryMask>> outlines = PlushOutlines.Read();
        PinholeCamera clicked = views.Single(view => view.Name == ClickedView).Camera;

        foreach ((string thing, float x, float y, double minIou) in Clicks)
        {
            (double Iou, double Precision, double Recall) best = default;
            for (int step = 0; step <= 10; step++)
            {
                var point = new PromptPoint(new PixelPosition(x, y), Positive: true);
                PromptResult result = segmenter.Segment(new PointPrompt(clicked, [point], step / 10.0, 0.75f), CancellationToken.None);
                byte[] bits = result.Selection.Bits.ToArray();
                var scores = outlines.Select(view => Compare(
                    Draw(bits, scene, rasterizer, views.Single(v => v.Name == view.Key).Camera), view.Value[thing])).ToArray();
                double iou = scores.Average(s => s.Iou);
                best = iou > best.Iou ? (iou, scores.Average(s => s.Precision), scores.Average(s => s.Recall)) : best;
            }

            output.WriteLine(FormattableString.Invariant(
                $"{thing}: IoU {best.Iou:0.000}, precision {best.Precision:0.000}, recall {best.Recall:0.000}"));
            Assert.True(best.Iou >= minIou, $"A click on the {thing} has an IoU of {best.Iou:0.000} in the photos.");
        }
    }

    private static ViewMasks Find(string folder, SceneView view, CpuRasterizer rasterizer)
    {
        RenderedImage rendering = rasterizer.Render(view.Camera, new RenderOptions { Depth = true, Alpha = true }, CancellationToken.None);
        RgbImage photo = ImageFile.Decode(File.ReadAllBytes(Path.Combine(folder, "images", view.Name + ".jpg")));
        using var generator = new BuiltinMaskGenerator();
        return new ViewMasks(view.Name, generator.Generate(new ViewPicture(photo, rendering, view.Camera), CancellationToken.None));
    }

    // The pixels of which the selected Gaussians make at least half.
    private static BinaryMask Draw(byte[] bits, GaussianScene scene, CpuRasterizer rasterizer, PinholeCamera camera)
    {
        float[] selected = new float[scene.Count];
        for (int i = 0; i < selected.Length; i++)
        {
            int record = scene.FileIndices[i];
            selected[i] = bits[record / 8] >> (record % 8) & 1;
        }

        var options = new RenderOptions { Features = selected, FeatureChannels = 1 };
        RenderedImage image = rasterizer.Render(camera, options, CancellationToken.None);
        return BinaryMask.FromPixels(image.Width, image.Height, [.. image.Features.Select(w => w >= 0.5f ? (byte)1 : (byte)0)]);
    }

    private static (double Iou, double Precision, double Recall) Compare(BinaryMask drawn, BinaryMask outline)
    {
        double common = drawn.IntersectionArea(outline);
        return (common / (drawn.Area + outline.Area - common), common / Math.Max(1, drawn.Area), common / outline.Area);
    }
}
