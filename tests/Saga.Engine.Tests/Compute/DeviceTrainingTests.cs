using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Neighbors;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Training;
using Saga.Engine.Training;
using Saga.Engine.Training.Cpu;
using Saga.Engine.Training.OpenCl;

namespace Saga.Engine.Tests.Compute;

/// <summary>Training on a device beside the CPU's, and what becomes of it when the device has no room or is lost.</summary>
public sealed class DeviceTrainingTests
{
    private static AffinityTrainingOptions Quick => AffinityTrainerTests.Quick;

    public static TheoryData<ContrastiveLossForm, int> Forms => new()
    {
        { ContrastiveLossForm.Logistic, 8 }, { ContrastiveLossForm.Logistic, 32 }, { ContrastiveLossForm.Paper, 8 }, { ContrastiveLossForm.Paper, 40 },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_iteration_s_loss_and_gradients_are_the_cpu_s_up_to_rounding(ContrastiveLossForm form, int channels)
    {
        AffinityTrainingOptions options = Quick with { LossForm = form, FeatureDimension = channels };
        GaussianScene scene = TrainingScenes.Scene();
        TrainingData data = TrainingData.Measure(
            TrainingScenes.Views(), TrainingScenes.Masks(scene, TrainingScenes.Views()), new CpuRasterizer(scene), 2, _ => { }, default);
        TrainingWindow window = TrainingWindow.Prepare(0, 4, data.Views, new CpuRasterizer(scene), options, default);
        int[] neighbors = NearestNeighbors.Find(scene.Means, options.Neighbors, 2, default);
        foreach (PreparedIteration prepared in window.Iterations)
        {
            TrainingState expected = TrainingState.Create(scene.Count, options);
            TrainingState found = TrainingState.Create(scene.Count, options);
            ContrastiveBatch batch = BatchOf(prepared, data);
            using var cpu = new CpuTrainingSteps(expected, options, neighbors, 2, new StageClock());
            using var device = new OpenClTrainingSteps(TestDevice.Require(), found, options, neighbors, new StageClock());

            LossTerms loss = cpu.Step(prepared.Rows, batch, [1, 3], 77, 0);
            LossTerms onDevice = device.Step(prepared.Rows, batch, [1, 3], 77, 0);
            device.Sync();

            Assert.Equal(loss.Positive, onDevice.Positive, 1e-5 * Math.Abs(loss.Total));
            Assert.Equal(loss.Negative, onDevice.Negative, 1e-5 * Math.Abs(loss.Total));
            Assert.Equal(loss.Norm, onDevice.Norm, 1e-6);
            Assert.True(loss.Positive != 0 && loss.Negative != 0, $"{loss} has nothing to compare.");

            // After one iteration the first moment is a tenth of the gradient.
            AssertClose(expected.FirstMoments, found.FirstMoments);
            AssertClose(expected.Visibility, found.Visibility);
            for (int m = 0; m < 4; m++)
            {
                AssertClose(expected.GateMoments[m], found.GateMoments[m]);
            }
        }
    }

    [Theory]
    [InlineData(ContrastiveLossForm.Logistic)]
    [InlineData(ContrastiveLossForm.Paper)]
    public void A_training_on_a_device_ends_where_the_cpu_s_does(ContrastiveLossForm form)
    {
        AffinityTrainingOptions options = Quick with { LossForm = form };
        AffinityModel cpu = Train(options, null, out _);
        AffinityModel device = Train(options, TestDevice.Require(), out string? failure);

        Assert.Null(failure);
        Assert.Equal(cpu.Info.FinalLoss, device.Info.FinalLoss, 0.02 * Math.Abs(cpu.Info.FinalLoss));
        double[] cosines = [.. Enumerable.Range(0, cpu.Count).Select(i => Cosine(cpu, device, i))];
        Assert.True(cosines.Average() > 0.99, $"The features' mean cosine is {cosines.Average()}, the smallest {cosines.Min()}.");
    }

    [Fact]
    public void Clicks_on_what_a_device_trained_select_parts_and_objects() =>
        AffinityTrainerTests.AssertClicksSelect(Train(Quick with { Iterations = 300 }, TestDevice.Require(), out _));

    [Fact]
    public void A_training_begun_on_the_cpu_goes_on_on_a_device_and_back()
    {
        using var checkpoint = new MemoryStream();
        Stop(null, 50, checkpoint);
        checkpoint.Position = 0;
        using AffinityTrainer second = Create(Quick, TestDevice.Require());
        second.Restore(checkpoint);
        using var later = new MemoryStream();
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => second.Run(null, t => SaveAt(t, 100, later, stop), stop.Token));
        Assert.Null(second.DeviceFailure);

        later.Position = 0;
        using AffinityTrainer third = Create(Quick, null);
        third.Restore(later);
        Assert.Equal(100, third.Iteration);
        AffinityModel model = third.Run();
        Assert.Equal(Train(Quick, null, out _).Info.FinalLoss, model.Info.FinalLoss, 0.02 * model.Info.FinalLoss);
    }

    [Theory]
    [InlineData(70, 0)]
    [InlineData(140, 100)]
    [InlineData(150, 0)]
    [InlineData(150, 149)]
    public void A_device_that_is_lost_costs_the_work_since_the_last_checkpoint(int lostAt, int savedAt)
    {
        TestDevice.Require();
        using ComputeDevice own = ComputeDevice.Open(TestDevice.Require().Info);
        using AffinityTrainer trainer = Create(Quick, own);
        int repeated = 0;
        AffinityModel model = trainer.Run(null, t =>
        {
            repeated += t.Iteration == savedAt + 1 ? 1 : 0;
            if (t.Iteration == savedAt && !own.IsLost)
            {
                t.SaveCheckpoint(Stream.Null);
            }
            else if (t.Iteration == lostAt)
            {
                own.Context.Lose();
            }
        });

        Assert.IsType<ComputeDeviceLostException>(trainer.DeviceFailure);
        Assert.Equal(2, repeated);
        AffinityModel cpu = Train(Quick, null, out _);
        if (savedAt == 0)
        {
            Assert.Equal(cpu.Features, model.Features);
        }
        else
        {
            Assert.Equal(cpu.Info.FinalLoss, model.Info.FinalLoss, 0.05 * cpu.Info.FinalLoss);
        }
    }

    [Fact]
    public void A_device_without_room_leaves_the_training_to_the_cpu()
    {
        using ComputeDevice small = ComputeDevice.Open(TestDevice.Require().Info, 20_000);
        AffinityModel model = Train(Quick, small, out string? failure);

        Assert.Contains("of 20000 are taken", failure, StringComparison.Ordinal);
        Assert.Equal(Train(Quick, null, out _).Features, model.Features);
    }

    private static void Stop(ComputeDevice? device, int iteration, MemoryStream checkpoint)
    {
        using var stop = new CancellationTokenSource();
        using AffinityTrainer trainer = Create(Quick, device);
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Run(null, t => SaveAt(t, iteration, checkpoint, stop), stop.Token));
    }

    private static void SaveAt(AffinityTrainer trainer, int iteration, MemoryStream checkpoint, CancellationTokenSource stop)
    {
        if (trainer.Iteration == iteration)
        {
            trainer.SaveCheckpoint(checkpoint);
            stop.Cancel();
        }
    }

    private static AffinityTrainer Create(AffinityTrainingOptions options, ComputeDevice? device)
    {
        GaussianScene scene = TrainingScenes.Scene();
        IReadOnlyList<SceneView> views = TrainingScenes.Views();
        return new AffinityTrainer(scene, views, TrainingScenes.Masks(scene, views), options, device);
    }

    private static AffinityModel Train(AffinityTrainingOptions options, ComputeDevice? device, out string? failure)
    {
        using AffinityTrainer trainer = Create(options, device);
        AffinityModel model = trainer.Run();
        failure = trainer.DeviceFailure?.Message;
        return model;
    }

    private static ContrastiveBatch BatchOf(PreparedIteration prepared, TrainingData data)
    {
        double[] all = data.Views[prepared.View].Scales;
        double[] scales = [2 * data.MaximumScale, all[0], all[all.Length / 2] * 0.99];
        return new ContrastiveBatch
        {
            PixelCount = prepared.Pixels.Positions.Length,
            WordCount = data.Views[prepared.View].WordCount,
            Membership = prepared.Pixels.Membership,
            MeanMaskArea = prepared.Pixels.MeanMaskArea,
            MasksBelow = [.. scales.Select(s => all.Count(mask => mask < s))],
            Quantiles = [.. scales.Select(data.Quantiles.ToQuantile)],
        };
    }

    private static void AssertClose(float[] expected, float[] found)
    {
        float most = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - found[i]) <= 2e-5f * most + 1e-4f * Math.Abs(expected[i]), $"[{i}]: {expected[i]} and {found[i]}; the greatest is {most}.");
        }
    }

    private static double Cosine(AffinityModel a, AffinityModel b, int i)
    {
        double dot = 0, x = 0, y = 0;
        for (int c = 0; c < a.Dimension; c++)
        {
            (double p, double q) = (a.Features[i * a.Dimension + c], b.Features[i * a.Dimension + c]);
            (dot, x, y) = (dot + p * q, x + p * p, y + q * q);
        }

        return dot / Math.Sqrt(x * y);
    }
}
