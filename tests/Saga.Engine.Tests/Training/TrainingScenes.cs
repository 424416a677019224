using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Training;

/// <summary>
/// A scene small enough to train in a second: two objects of two parts each on a wall, seen by four cameras, with perfect masks
/// of parts and objects.
/// </summary>
internal static class TrainingScenes
{
    private const int PerPart = 60;
    private const int Parts = 4;

    public static int Count => PerPart * Parts;

    /// <summary>Part of a Gaussian; parts 0 and 1 are the first object, 2 and 3 the second.</summary>
    public static int PartOf(int gaussian) => gaussian / PerPart;

    public static GaussianScene Scene()
    {
        Random random = new(11);
        var means = new float[Count * 3];
        var logScales = new float[Count * 3];
        var rotations = new float[Count * 4];
        var logits = new float[Count];
        for (int i = 0; i < Count; i++)
        {
            // Parts touch inside an object; the objects stand apart.
            float left = PartOf(i) switch { 0 => -1.6f, 1 => -0.9f, 2 => 0.2f, _ => 0.9f };
            int cell = i % PerPart;
            means[3 * i] = left + (cell % 6 + (float)random.NextDouble()) * 0.7f / 6;
            means[3 * i + 1] = (cell / 6 + (float)random.NextDouble()) * 0.12f - 0.6f;
            means[3 * i + 2] = (float)random.NextDouble() * 0.05f;
            logScales.AsSpan(3 * i, 3).Fill(MathF.Log(0.07f));
            rotations[4 * i] = 1;
            logits[i] = 3;
        }

        return new GaussianScene
        {
            Means = means,
            LogScales = logScales,
            Rotations = rotations,
            OpacityLogits = logits,
            ShCoefficients = [],
            ShDegree = 0,
            FileIndices = [.. Enumerable.Range(0, Count)],
            FileGaussianCount = Count,
            Problems = [],
        };
    }

    public static IReadOnlyList<SceneView> Views() =>
    [
        .. Enumerable.Range(0, 4).Select(v => new SceneView(
            $"view_{v}",
            new PinholeCamera(96, 64, 60, 60, 48, 32, new CameraPose(1, 0, 0, v * 0.1 - 0.15, 0, 1, 0, 0.05 * v, 0, 0, 1, 3)),
            $"view_{v}.png")),
    ];

    public static IReadOnlyList<ViewMasks> Masks(GaussianScene scene, IReadOnlyList<SceneView> views)
    {
        var rasterizer = new CpuRasterizer(scene, 1);
        var channels = new float[Count * Parts];
        for (int i = 0; i < Count; i++)
        {
            channels[i * Parts + PartOf(i)] = 1;
        }

        return
        [
            .. views.Select(view =>
            {
                RenderedImage image = rasterizer.Render(
                    view.Camera, new RenderOptions { Features = channels, FeatureChannels = Parts }, CancellationToken.None);
                bool Shows(int pixel, int part) => image.Features[pixel * Parts + part] > 0.5f;
                BinaryMask Where(Func<int, bool> inside) => BinaryMask.FromPixels(
                    96, 64, [.. Enumerable.Range(0, 96 * 64).Select(p => inside(p) ? (byte)1 : (byte)0)]);
                return new ViewMasks(
                    view.Name,
                    [
                        .. Enumerable.Range(0, Parts).Select(part => Where(p => Shows(p, part))),
                        Where(p => Shows(p, 0) || Shows(p, 1)),
                        Where(p => Shows(p, 2) || Shows(p, 3)),
                    ]);
            }),
        ];
    }
}
