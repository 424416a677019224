using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Training;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.OpenCl;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;
using Saga.Engine.Training.Cpu;
using Saga.Engine.Training.OpenCl;

namespace Saga.Benchmarks.Compute;

/// <summary>What a device is measured at: a prompt's two halves, rows, a picture, an iteration of training.</summary>
internal static class DeviceWorks
{
    private const int RowPixels = 1000;

    // At 32 channels: the high bytes, and per block of 16 a step and a count; the mask is cleared and read.
    private const double ScoringBytes = 32 + (5.0 / 16) + (2.0 / 8);

    // 13 planes read, a box written and read again by the next kernel.
    private const double ProjectionBytes = 52 + 8 + 8;

    // Adam reads and writes three rows of 32 numbers; the gradient is cleared, added to, and read twice.
    private const double RowBytesOfAdam = 32 * sizeof(float) * (6 + 4);

    /// <summary>All of them at one size.</summary>
    public static IEnumerable<DeviceWork> All(int gaussians, ComputeDevice device)
    {
        ScaledScene scene = ScaledScene.Create(gaussians);
        foreach (DeviceWork work in Prompts(scene, device).Concat(Pictures(scene, device)).Append(Iteration(gaussians, device)))
        {
            yield return work;
        }
    }

    private static IEnumerable<DeviceWork> Prompts(ScaledScene scene, ComputeDevice device)
    {
        AffinityModel model = SyntheticModel.Create(scene.Gaussians);
        var cpu = new PromptSegmenter(scene.Gaussians, model);
        var onDevice = new PromptSegmenter(scene.Gaussians, model);
        onDevice.UseDevice(device, error => throw error);
        (SceneView view, PixelPosition pixel) = VisiblePixels.Of(scene, 1)[0];
        QueryFeature point = cpu.FeatureAt(view.Camera, pixel);
        GaussianSelection? expected = null, found = null;
        yield return new DeviceWork(
            scene.Gaussians.Count, "score all, new scale", ScoringBytes * scene.Gaussians.Count,
            round => Replace(ref expected, cpu.Segment([point], [], ScaleOf(round)).Selection),
            round => Replace(ref found, onDevice.Segment([point], [], ScaleOf(round)).Selection),
            () => expected!.Bits.Span.SequenceEqual(found!.Bits.Span) ? "the same bits" : "DIFFERENT");

        QueryFeature? a = null, b = null;
        PixelPosition Near(int round) => new(pixel.X + 1e-4f * round, pixel.Y);
        yield return new DeviceWork(
            scene.Gaussians.Count, "a new point's row and feature", ProjectionBytes * scene.Gaussians.Count,
            round => a = cpu.FeatureAt(view.Camera, Near(round)),
            round => b = onDevice.FeatureAt(view.Camera, Near(round)),
            () => a!.Feature.AsSpan().SequenceEqual(b!.Feature) ? "the same bits" : "DIFFERENT");
        onDevice.LeaveDevice();
    }

    private static IEnumerable<DeviceWork> Pictures(ScaledScene scene, ComputeDevice device)
    {
        var cpu = new CpuRasterizer(scene.Gaussians);
        using var onDevice = new OpenClRasterizer(scene.Gaussians, device);
        PinholeCamera camera = scene.Views[0].Camera;
        var random = new Random(1);
        PixelPosition[] pixels = [.. Enumerable.Range(0, RowPixels).Select(_ => new PixelPosition(camera.Width * random.NextSingle(), camera.Height * random.NextSingle()))];
        SparsePixelRows? expected = null, found = null;
        yield return new DeviceWork(
            scene.Gaussians.Count, $"rows of {RowPixels} pixels", ProjectionBytes * scene.Gaussians.Count,
            _ => expected = cpu.PixelRows(camera, pixels, default),
            _ => found = onDevice.PixelRows(camera, pixels, default),
            () => expected!.Weights.AsSpan(0, expected.RowStarts[^1]).SequenceEqual(found!.Weights) ? "the same bits" : "DIFFERENT");

        var options = new RenderOptions { Color = true, Depth = true };
        RenderedImage? picture = null, onDevicePicture = null;
        yield return new DeviceWork(
            scene.Gaussians.Count, $"colour and depth, {camera.Width}×{camera.Height}", 0,
            _ => picture = cpu.Render(camera, options, default),
            _ => onDevicePicture = onDevice.Render(camera, options, default),
            () => FormattableString.Invariant($"largest difference {picture!.Color.Zip(onDevicePicture!.Color, (x, y) => Math.Abs(x - y)).Max():0.0e+0}"));
    }

    private static DeviceWork Iteration(int gaussians, ComputeDevice device)
    {
        TrainingFixture fixture = TrainingFixture.Create(gaussians);
        AffinityTrainingOptions options = TrainingFixture.Options;
        TrainingState state = TrainingState.Create(gaussians, options);
        TrainingState deviceState = TrainingState.Create(gaussians, options);
        var cpu = new CpuTrainingSteps(state, options, fixture.Neighbors, Environment.ProcessorCount, new StageClock());
        var onDevice = new OpenClTrainingSteps(device, deviceState, options, fixture.Neighbors, new StageClock());
        LossTerms expected = default, found = default;
        int iteration = 0, deviceIteration = 0;
        int[] blended = [.. fixture.Rows.GaussianIndices.AsSpan(fixture.Rows.FirstEntry, fixture.Rows.EntryCount).ToArray().Distinct()];
        int touched = blended.SelectMany(i => fixture.Ranks.Select(r => fixture.Neighbors[i * options.Neighbors + r])).Distinct().Count();
        return new DeviceWork(
            gaussians, FormattableString.Invariant($"an iteration of training ({fixture.Batch.PixelCount} pixels, {fixture.Batch.ScaleCount} scales, {touched} rows)"),
            RowBytesOfAdam * touched,
            _ => expected = cpu.Step(fixture.Rows, fixture.Batch, fixture.Ranks, 1, iteration++),
            _ => found = onDevice.Step(fixture.Rows, fixture.Batch, fixture.Ranks, 1, deviceIteration++),
            () => FormattableString.Invariant($"losses {expected.Total:0.00000} and {found.Total:0.00000}"));
    }

    private static double ScaleOf(int round) => 0.1 + 0.8 * ((round + 1) * 0.618 % 1);

    // Masks are borrowed memory.
    private static void Replace(ref GaussianSelection? selection, GaussianSelection next)
    {
        selection?.Dispose();
        selection = next;
    }
}
