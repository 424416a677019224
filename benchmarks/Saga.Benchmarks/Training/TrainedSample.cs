using Saga.Benchmarks.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>The whole playroom sample after a short training: what its masks look like is what a trained model's masks look like.</summary>
internal static class TrainedSample
{
    // All of the sample; no multiple of a block.
    private const int Gaussians = 181_800;

    /// <summary>Trains with the default preset.</summary>
    /// <param name="iterations">The default trains 1,000.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    public static (ScaledScene Scene, AffinityModel Model) Create(int iterations, CancellationToken cancellationToken)
    {
        ScaledScene scene = ScaledScene.Create(Gaussians);
        using var trainer = new AffinityTrainer(
            scene.Gaussians, scene.Views, scene.Masks, AffinityTrainingOptions.Balanced with { Iterations = iterations });
        return (scene, trainer.Run(cancellationToken: cancellationToken));
    }
}
