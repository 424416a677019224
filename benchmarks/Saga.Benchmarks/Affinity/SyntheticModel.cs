using Saga.Engine.Affinity;
using Saga.Engine.Numerics;
using Saga.Engine.Scenes;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Affinity;

/// <summary>A model that nobody trained: nested cells of three sizes share a direction each, up to noise.</summary>
/// <remarks>
/// Speed depends on how many Gaussians a prompt selects and how many lie so close to the threshold that 8 bits do not
/// decide. After 200 to 1,000 iterations of training on the sample, prompts select a third of the scene and leave
/// 4 to 6 % of the blocks undecided, on average over points and scales; this model has them at a seventh and 3 to 6 %.
/// <see cref="Segmentation.UndecidedBlocks"/> says how many there are.
/// </remarks>
internal static class SyntheticModel
{
    /// <summary>Channels, the service's default.</summary>
    public const int Dimension = 32;

    private const int DirectionPurpose = 111;
    private const int NoisePurpose = 112;
    private const double Noise = 0.2;

    // Rooms, furniture and parts, world units, and what each adds to a direction.
    private static readonly (double Size, double Weight)[] Cells = [(8, 1), (2, 0.35), (0.5, 0.35)];

    public static AffinityModel Create(GaussianScene scene)
    {
        float[] features = new float[scene.Count * Dimension];
        Parallel.For(0, scene.Count, i =>
        {
            Span<float> feature = features.AsSpan(i * Dimension, Dimension);
            feature.Clear();
            for (int level = 0; level < Cells.Length; level++)
            {
                (double size, double weight) = Cells[level];
                long cell = level;
                for (int axis = 0; axis < 3; axis++)
                {
                    cell = cell * 4096 + (long)Math.Floor(scene.Means[3 * i + axis] / size) + 2048;
                }

                Add(new CounterRandom(0, DirectionPurpose, cell), weight, feature);
            }

            Add(new CounterRandom(0, NoisePurpose, i), Noise, feature);
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

    private static void Add(CounterRandom random, double weight, Span<float> feature)
    {
        foreach (ref float value in feature)
        {
            value += (float)(weight * (2 * random.NextDouble() - 1) / Math.Sqrt(Dimension / 3.0));
        }
    }
}
