using Saga.Engine.Scenes;

namespace Saga.Engine.Neighbors;

/// <summary>
/// Neighbours that are near and of like colour: where an object or part ends, its colour mostly ends too, and features that are
/// averaged over such neighbours do not run over the border.
/// </summary>
/// <remarks>
/// Of the <see cref="CandidatesPerNeighbor"/>·k nearest Gaussians the k with the smallest d²/d_k² + ‖Δc‖²/σ², where d_k is the distance of
/// the k-th nearest, so that the measure does not depend on the scene's unit, and c the colour without its view-dependent part.
/// Evenly coloured surroundings give the k nearest.
/// </remarks>
public static class AlikeNeighbors
{
    /// <summary>How many candidates there are for a neighbour.</summary>
    public const int CandidatesPerNeighbor = 3;

    // Colours this far apart (of 1) weigh as much as the distance of the k-th nearest.
    private const float ColorDistance = 0.1f;

    // Colour = ½ + this · the coefficient of degree 0.
    private const float ShDegree0 = 0.28209479f;

    /// <summary>Finds the neighbours of every Gaussian.</summary>
    /// <param name="scene">The scene; without colours the neighbours are the nearest ones.</param>
    /// <param name="k">Neighbours per Gaussian, itself included, 1..<see cref="NearestNeighbors.MaxK"/>.</param>
    /// <param name="maxThreads">Most threads to use, at least 1. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    /// <returns>Indices, [count, k]; the Gaussian itself first, the others by ascending measure, ties by ascending distance.</returns>
    public static int[] Find(GaussianScene scene, int k, int maxThreads, CancellationToken cancellationToken)
    {
        if (!scene.HasColors)
        {
            return NearestNeighbors.Find(scene.Means, k, maxThreads, cancellationToken);
        }

        // No more than there are, as rows longer than the scene repeat the Gaussian itself.
        int candidates = Math.Min(Math.Clamp(scene.Count, k, k * CandidatesPerNeighbor), NearestNeighbors.MaxK);
        int[] neighbors = new int[checked(scene.Count * k)];
        NearestNeighbors.ForEach(
            scene.Means, candidates, maxThreads, (self, row) => Choose(scene, self, row, neighbors.AsSpan(self * k, k)), cancellationToken);
        return neighbors;
    }

    private static void Choose(GaussianScene scene, int self, ReadOnlySpan<int> candidates, Span<int> chosen)
    {
        int k = chosen.Length;
        Span<float> measures = stackalloc float[k];
        float reach = DistanceSquared(scene.Means, 3, self, candidates[k - 1]);
        float perDistance = reach > 0 ? 1 / reach : 0;
        float perColor = ShDegree0 * ShDegree0 / (ColorDistance * ColorDistance);
        int stride = scene.ShCoefficients.Length / scene.Count;
        chosen[0] = self;
        measures[0] = float.NegativeInfinity;
        int filled = 1;
        for (int c = 1; c < candidates.Length && k > 1; c++)
        {
            float measure = perDistance * DistanceSquared(scene.Means, 3, self, candidates[c])
                + perColor * DistanceSquared(scene.ShCoefficients, stride, self, candidates[c]);

            // A colour too large to square is as far as can be, not unordered.
            measure = float.IsNaN(measure) ? float.PositiveInfinity : measure;
            if (filled == k && measure >= measures[k - 1])
            {
                continue;
            }

            int slot = filled < k ? filled++ : k - 1;
            for (; measures[slot - 1] > measure; slot--)
            {
                measures[slot] = measures[slot - 1];
                chosen[slot] = chosen[slot - 1];
            }

            measures[slot] = measure;
            chosen[slot] = candidates[c];
        }
    }

    private static float DistanceSquared(float[] vectors, int stride, int i, int j)
    {
        float sum = 0;
        for (int c = 0; c < 3; c++)
        {
            float difference = vectors[i * stride + c] - vectors[j * stride + c];
            sum += difference * difference;
        }

        return sum;
    }
}
