using Saga.Engine.Affinity;
using Saga.Engine.Numerics;
using Saga.Engine.Scenes;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Affinity;

/// <summary>A model that nobody trained: Gaussians of one cell of a coarse grid share a direction, up to noise.</summary>
/// <remarks>Selections then have the size of objects, which is all that speed depends on.</remarks>
internal static class SyntheticModel
{
    /// <summary>Channels, the service's default.</summary>
    public const int Dimension = 32;

    private const int DirectionPurpose = 111;
    private const int NoisePurpose = 112;
    private const float CellSize = 0.5f;
    private const double Noise = 0.4;

    public static AffinityModel Create(GaussianScene scene)
    {
        float[] features = new float[scene.Count * Dimension];
        Parallel.For(0, scene.Count, i =>
        {
            long cell = 0;
            for (int axis = 0; axis < 3; axis++)
            {
                cell = cell * 4096 + (long)MathF.Floor(scene.Means[3 * i + axis] / CellSize);
            }

            var direction = new CounterRandom(0, DirectionPurpose, cell);
            var noise = new CounterRandom(0, NoisePurpose, i);
            Span<float> feature = features.AsSpan(i * Dimension, Dimension);
            for (int c = 0; c < Dimension; c++)
            {
                double value = 2 * direction.NextDouble() - 1 + Noise * (2 * noise.NextDouble() - 1);
                feature[c] = (float)(value / Math.Sqrt(Dimension / 3.0));
            }
        });
        return new AffinityModel
        {
            Dimension = Dimension,
            Features = features,
            Gate = GateInitializer.Create(GateInitialization.ScaleLadder, Dimension, 0),
            Quantiles = new ScaleQuantiles([0.05, 0.2, 0.5, 1, 2]),
            Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 0, 0, 0, "{}", "", scene.FileGaussianCount),
        };
    }
}
