using System.Diagnostics;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;

namespace Saga.Engine.Tests.Training;

public sealed class AffinityTrainerTests
{
    internal static readonly AffinityTrainingOptions Quick = AffinityTrainingOptions.Balanced with
    {
        Iterations = 150,
        RaysPerIteration = 200,
        Neighbors = 4,
        NeighborsPerIteration = 2,
        FeatureDimension = 16,
        MaxThreads = 2,
    };

    [Fact]
    public void A_click_selects_the_part_at_a_fine_scale_and_the_object_at_a_coarse_one() =>
        AssertClicksSelect(Train(Quick with { Iterations = 300 }));

    internal static void AssertClicksSelect(AffinityModel model)
    {
        GaussianScene scene = TrainingScenes.Scene();
        var segmenter = new PromptSegmenter(scene, model);
        PinholeCamera camera = TrainingScenes.Views()[0].Camera;
        for (int part = 0; part < 4; part++)
        {
            double[] center = [.. Enumerable.Range(0, 3).Select(axis => Enumerable.Range(part * 60, 60).Average(i => (double)scene.Means[3 * i + axis]))];
            (double x, double y, double z) = camera.Pose.Transform(center[0], center[1], center[2]);
            var click = new PromptPoint(new PixelPosition((float)(camera.Fx * x / z + camera.Cx), (float)(camera.Fy * y / z + camera.Cy)), true);
            GaussianSelection fine = segmenter.Segment(new PointPrompt(camera, [click], 0.1), CancellationToken.None).Selection;
            GaussianSelection coarse = segmenter.Segment(new PointPrompt(camera, [click], 0.9), CancellationToken.None).Selection;
            Assert.True(Iou(fine, i => TrainingScenes.PartOf(i) == part) > 0.8, $"Part {part}: {Iou(fine, i => TrainingScenes.PartOf(i) == part)}");
            Assert.True(Iou(coarse, i => TrainingScenes.PartOf(i) / 2 == part / 2) > 0.8, $"Object of part {part}: {Iou(coarse, i => TrainingScenes.PartOf(i) / 2 == part / 2)}");
        }
    }

    [Theory]
    [InlineData("balanced")]
    [InlineData("paper")]
    public void The_model_depends_on_the_seed_and_not_on_the_thread_count(string preset)
    {
        AffinityTrainingOptions options = Preset(preset);
        AffinityModel one = Train(options with { MaxThreads = 1 });
        AffinityModel many = Train(options with { MaxThreads = 5 });
        AssertSame(one, many);
        Assert.NotEqual(one.Features, Train(options with { Seed = 1 }).Features);
    }

    [Theory]
    [InlineData("balanced", 1)]
    [InlineData("balanced", 67)]
    [InlineData("paper", 130)]
    public void An_interrupted_training_ends_with_the_same_model_as_an_unbroken_one(string preset, int interruptedAfter)
    {
        AffinityTrainingOptions options = Preset(preset);
        AffinityModel unbroken = Train(options);
        using var checkpoint = new MemoryStream();
        using var stop = new CancellationTokenSource();
        using (AffinityTrainer first = Create(options))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => first.Run(null, trainer =>
            {
                if (trainer.Iteration == interruptedAfter)
                {
                    trainer.SaveCheckpoint(checkpoint);
                    stop.Cancel();
                }
            }, stop.Token));
        }

        checkpoint.Position = 0;
        using AffinityTrainer second = Create(options with { MaxThreads = 3 });
        second.Restore(checkpoint);
        Assert.Equal(interruptedAfter, second.Iteration);
        AssertSame(unbroken, second.Run());
    }

    [Fact]
    public void A_damaged_foreign_or_truncated_checkpoint_is_refused_and_changes_nothing()
    {
        using var checkpoint = new MemoryStream();
        using (AffinityTrainer trainer = Create(Quick with { Iterations = 3 }))
        {
            trainer.Run();
            trainer.SaveCheckpoint(checkpoint);
        }

        byte[] good = checkpoint.ToArray();
        AffinityModel expected = Train(Quick with { Iterations = 3 });
        var poisons = new List<byte[]> { Array.Empty<byte>(), good[..7], good[..^1], good[..(good.Length / 2)] };
        foreach (int position in new[] { 0, 9, 20, 60, good.Length / 2, good.Length - 1 })
        {
            byte[] flipped = [.. good];
            flipped[position] ^= 4;
            poisons.Add(flipped);
        }

        foreach (byte[] poison in poisons)
        {
            using AffinityTrainer trainer = Create(Quick with { Iterations = 3 });
            Assert.Throws<InvalidCheckpointException>(() => trainer.Restore(new MemoryStream(poison)));
            Assert.Equal(0, trainer.Iteration);
            AssertSame(expected, trainer.Run());
        }

        using AffinityTrainer other = Create(Quick with { Iterations = 4 });
        Assert.Throws<InvalidCheckpointException>(() => other.Restore(new MemoryStream(good)));
    }

    [Fact]
    public void Cancelling_stops_within_two_seconds()
    {
        using var stop = new CancellationTokenSource();
        using AffinityTrainer trainer = Create(Quick with { Iterations = 1_000_000 });
        var sinceCancel = new Stopwatch();
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Run(null, t =>
        {
            if (t.Iteration == 20)
            {
                sinceCancel.Start();
                stop.Cancel();
            }
        }, stop.Token));
        Assert.True(sinceCancel.Elapsed < TimeSpan.FromSeconds(2), $"{sinceCancel.Elapsed}");
    }

    [Fact]
    public void A_trained_model_is_what_prompts_score()
    {
        AffinityModel model = Train(Quick with { Iterations = 5 });
        float[] rounded = [.. model.Features];

        FeatureRounding.Round(rounded, model.Dimension);

        Assert.Equal(model.Features, rounded);
    }

    [Fact]
    public void Progress_never_falls_and_ends_with_the_last_iteration()
    {
        var reports = new List<TrainingProgress>();
        using AffinityTrainer trainer = Create(Quick);
        trainer.Run(new Collector(reports));
        Assert.Equal(reports.Select(r => r.Fraction).Order(), reports.Select(r => r.Fraction));
        Assert.Equal(Quick.Iterations, reports[^1].Iteration);
        Assert.All(reports, r => Assert.InRange(r.Fraction, 0, 1));
        Assert.Equal(["finding neighbours", "measuring masks", "smoothing", "training"], reports.Select(r => r.Stage).Distinct().Order());
        Assert.Equal((4, 0, 24), (trainer.Report.ViewsUsed, trainer.Report.ViewsWithoutMasks, trainer.Report.MasksUsed));
    }

    [Fact]
    public void Views_without_masks_are_left_out_and_masks_that_fit_nothing_are_refused()
    {
        GaussianScene scene = TrainingScenes.Scene();
        var views = TrainingScenes.Views();
        IReadOnlyList<ViewMasks> masks = TrainingScenes.Masks(scene, views);
        using (var trainer = new AffinityTrainer(scene, views, [masks[1]], Quick with { Iterations = 2 }))
        {
            trainer.Run();
            Assert.Equal((1, 3), (trainer.Report.ViewsUsed, trainer.Report.ViewsWithoutMasks));
        }

        var corner = new byte[96 * 64];
        corner[0] = 1;
        ViewMasks[] useless = [.. views.Select(v => new ViewMasks(v.Name, [BinaryMask.FromPixels(96, 64, corner)]))];
        using var hopeless = new AffinityTrainer(scene, views, useless, Quick);
        InvalidMaskException refusal = Assert.Throws<InvalidMaskException>(() => hopeless.Run());
        Assert.Contains("None of the 4 views", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 32, 0.1)]
    [InlineData(10, 20, 0.1)]
    [InlineData(10, 32, 0.0)]
    [InlineData(10, 128, 0.1)]
    [InlineData(10, 32, double.NaN)]
    public void Options_out_of_range_are_refused_by_name(int iterations, int dimension, double rate) =>
        Assert.ThrowsAny<ArgumentException>(() => Create(Quick with { Iterations = iterations, FeatureDimension = dimension, LearningRate = rate }));

    private static AffinityTrainingOptions Preset(string name) => name == "paper"
        ? AffinityTrainingOptions.Paper with { Iterations = 150, RaysPerIteration = 100, FeatureDimension = 8, Neighbors = 4, NeighborsPerIteration = 2 }
        : Quick;

    private static AffinityTrainer Create(AffinityTrainingOptions options)
    {
        GaussianScene scene = TrainingScenes.Scene();
        var views = TrainingScenes.Views();
        return new AffinityTrainer(scene, views, TrainingScenes.Masks(scene, views), options);
    }

    private static AffinityModel Train(AffinityTrainingOptions options)
    {
        using AffinityTrainer trainer = Create(options);
        return trainer.Run();
    }

    private static void AssertSame(AffinityModel expected, AffinityModel actual)
    {
        Assert.Equal(expected.Features, actual.Features);
        Assert.Equal(expected.Gate.Weight, actual.Gate.Weight);
        Assert.Equal(expected.Gate.Bias, actual.Gate.Bias);
        Assert.Equal(expected.Quantiles.Knots, actual.Quantiles.Knots);
        Assert.Equal(expected.Info.FinalLoss, actual.Info.FinalLoss);
    }

    private static double Iou(GaussianSelection selection, Func<int, bool> belongs)
    {
        int[] all = [.. Enumerable.Range(0, TrainingScenes.Count)];
        return (double)all.Count(i => selection.Contains(i) && belongs(i)) / all.Count(i => selection.Contains(i) || belongs(i));
    }

    private sealed class Collector(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
