namespace Saga.Engine.Segmentation;

/// <summary>A prompt as <see cref="SimilarityFilterKernel"/> needs it: whole-number weights, and bounds of all that rounding does.</summary>
/// <remarks>
/// With k the 8-bit feature (the h of <see cref="FeatureBlocks"/>), n² = Σ G·k² and d = λ·Σ m·k stand for ‖g∘k‖² and the dot product of g∘k with a query, both in
/// units in which the greatest g² is <see cref="SquareLimit"/>; so d/n is close to the cosine. How close:
/// (1) The weights: |n² − ‖g∘k‖²| ≤ E_G and |d − dot| ≤ E_w, from the difference of each weight to its whole number.
/// (2) The feature is k + e. ‖g∘e‖ ≤ R: with Σ e² ≤ ¼·m and each e² ≤ ¼, the sum Σ g²·e² is greatest when e² = ¼ in the m
/// channels with the greatest gates. The angle to any query then changes by δ at most, sin δ = R/‖g∘k‖, and cos(θ−δ) is at
/// most cos θ + sin θ·R/‖g∘k‖ + |cos θ|·(R/‖g∘k‖)², which is tight where thresholds are high.
/// (3) float32 scores are within η of the exact ones; the threshold is moved by that much.
/// </remarks>
internal sealed class FilterBounds
{
    /// <summary>Covers the float arithmetic of the bounds themselves.</summary>
    public const double Safety = 1.001;

    // Half a unit in the last place of 1.
    private const double Rounding = 1.0 / (1 << 24);

    // Below this greatest gate, and above this length of a query, float32 scores under- or overflow.
    private const double MinGate = 1e-9;
    private const double MaxWeight = 1e3;

    // float32 calls a norm of 1e-12 no direction; norms from here are clear of it, whatever the error.
    private const double MinNorm = 4e-12;

    private FilterBounds(int queryCount, int pairCount, int dimension)
    {
        DotWeights = new int[queryCount * pairCount];
        SquareWeights = new int[pairCount];
        Errors = new float[dimension + 1];
    }

    /// <summary>m of two channels in the halves of an element, [queries, pairs].</summary>
    public int[] DotWeights { get; }

    /// <summary>G of two channels in the halves of an element, [pairs].</summary>
    public int[] SquareWeights { get; }

    /// <summary>λ: what a unit of Σ m·k is worth.</summary>
    public float DotUnit { get; private set; }

    /// <summary>R by the number of channels that are off, [dimension + 1].</summary>
    public float[] Errors { get; }

    /// <summary>E_w.</summary>
    public float DotError { get; private set; }

    /// <summary>E_G.</summary>
    public float SquareError { get; private set; }

    /// <summary>Share of the norm that float arithmetic may be off by, in the scores and here.</summary>
    public float RelativeError { get; private set; }

    /// <summary>Smallest s·n of a Gaussian with a direction beyond doubt.</summary>
    public float SmallestNorm { get; private set; }

    /// <summary>Greatest G: four sums over all pairs stay within 32 bits.</summary>
    /// <param name="pairCount">Pairs of channels, a multiple of 4.</param>
    public static int SquareLimit(int pairCount) => (int)Math.Min(
        short.MaxValue, int.MaxValue / (pairCount / 4 * 2L * FeatureBlocks.MaxHighLevel * FeatureBlocks.MaxHighLevel));

    /// <summary>Prepares a prompt; null where its numbers are so extreme that only float32 can tell what it selects.</summary>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="pairCount">Pairs of channels of the 8-bit features.</param>
    public static FilterBounds? TryCreate(GatedQueries queries, int pairCount)
    {
        float[] gate = queries.Gate;
        int queryCount = queries.PositiveCount + queries.NegativeCount;
        double greatestGate = 0;
        double greatestWeight = 0;
        for (int c = 0; c < gate.Length; c++)
        {
            // Math.Max keeps NaN, which no comparison below lets pass.
            greatestGate = Math.Max(greatestGate, Math.Abs((double)gate[c]));
        }

        for (int j = 0; j < queries.Values.Length; j++)
        {
            greatestWeight = Math.Max(greatestWeight, Math.Abs((double)gate[j % gate.Length] * queries.Values[j]));
        }

        if (!(greatestGate >= MinGate && greatestGate <= MaxWeight && greatestWeight <= MaxWeight))
        {
            return null;
        }

        var bounds = new FilterBounds(queryCount, pairCount, gate.Length);
        double squareUnit = greatestGate * greatestGate / SquareLimit(pairCount);
        double dotUnit = (greatestWeight > 0 ? greatestWeight : 1) / short.MaxValue;
        bounds.SetSquares(gate, squareUnit);
        bounds.SetDots(queries, dotUnit, Math.Sqrt(squareUnit));
        bounds.SetErrors(gate, squareUnit);
        bounds.RelativeError = (float)((2 * gate.Length + 64) * Rounding);
        bounds.SmallestNorm = (float)(MinNorm / Math.Sqrt(squareUnit) * Safety);
        return bounds;
    }

    private void SetSquares(float[] gate, double unit)
    {
        double error = 0;
        for (int c = 0; c < gate.Length; c++)
        {
            double exact = (double)gate[c] * gate[c] / unit;
            double level = Math.Round(exact);
            error += Math.Abs(exact - level);
            SquareWeights[c / 2] |= Half((int)level, c);
        }

        SquareError = (float)(error * FeatureBlocks.MaxHighLevel * FeatureBlocks.MaxHighLevel * Safety);
    }

    private void SetDots(GatedQueries queries, double unit, double normUnit)
    {
        int dimension = queries.Gate.Length;
        int pairCount = SquareWeights.Length;
        double greatestError = 0;
        for (int j = 0; j < queries.Values.Length / dimension; j++)
        {
            double error = 0;
            for (int c = 0; c < dimension; c++)
            {
                double exact = (double)queries.Gate[c] * queries.Values[j * dimension + c] / unit;
                double level = Math.Round(exact);
                error += Math.Abs(exact - level);
                DotWeights[j * pairCount + c / 2] |= Half((int)level, c);
            }

            greatestError = Math.Max(greatestError, error);
        }

        DotUnit = (float)(unit / normUnit);
        DotError = (float)(greatestError * FeatureBlocks.MaxHighLevel * (unit / normUnit) * Safety);
    }

    private void SetErrors(float[] gate, double unit)
    {
        double[] squares = [.. gate.Select(g => (double)g * g).OrderDescending()];
        double sum = 0;
        for (int channels = 1; channels <= gate.Length; channels++)
        {
            sum += squares[channels - 1] / 4;
            Errors[channels] = (float)(Math.Sqrt(sum / unit) * Safety);
        }
    }

    private static int Half(int level, int channel) => channel % 2 == 0 ? level & 0xFFFF : level << 16;
}
