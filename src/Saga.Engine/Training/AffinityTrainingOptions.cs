namespace Saga.Engine.Training;

/// <summary>Form of the contrastive loss.</summary>
public enum ContrastiveLossForm
{
    /// <summary>As published: selected pairs (A.1), each side a mean over scales × its set (§6, steps 6 and 7).</summary>
    Paper,

    /// <summary>
    /// Every pair is a yes-or-no question asked at the cosine that prompts decide at: softplus on the wrong side of it. A pixel's
    /// pairs are weighed by how many pixels it belongs with, so small parts count as much as large ones.
    /// </summary>
    Logistic,
}

/// <summary>How the gate starts.</summary>
public enum GateInitialization
{
    /// <summary>PyTorch's Linear(1→D): uniform in [-1, 1].</summary>
    Uniform,

    /// <summary>Some channels always on, the others switch off one after another as the scale rises.</summary>
    ScaleLadder,
}

/// <summary>Options of affinity training, validated by <see cref="Validate"/>.</summary>
public sealed record AffinityTrainingOptions
{
    /// <summary>The setting that measures best on scenes with known parts; the default.</summary>
    public static AffinityTrainingOptions Balanced { get; } = new();

    /// <summary>The published setting: 10,000 iterations, uniform pixels, the paper's loss and gate.</summary>
    public static AffinityTrainingOptions Paper { get; } = new()
    {
        Iterations = 10_000,
        LearningRate = 0.0025,
        MaskBalancedFraction = 0,
        GateInitialization = GateInitialization.Uniform,
        LossForm = ContrastiveLossForm.Paper,
        NeighborsPerIteration = 8,
        AlikeNeighbors = false,
    };

    /// <summary>Iterations, 1..1,000,000.</summary>
    public int Iterations { get; init; } = 1000;

    /// <summary>Pixels sampled per iteration, 16..8192; those in no mask are dropped.</summary>
    public int RaysPerIteration { get; init; } = 1000;

    /// <summary>Scales per iteration, 3..32: one above all masks, the smallest mask, the others drawn.</summary>
    public int ScalesPerIteration { get; init; } = 10;

    /// <summary>Channels of a feature, 8..64, a multiple of 8.</summary>
    public int FeatureDimension { get; init; } = 32;

    /// <summary>Seed of every random draw.</summary>
    public long Seed { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>Share of the pixels drawn by choosing a mask uniformly and then a pixel in it, 0..1; the rest are uniform.</summary>
    public double MaskBalancedFraction { get; init; } = 0.6;

    /// <summary>How the gate starts.</summary>
    public GateInitialization GateInitialization { get; init; } = GateInitialization.ScaleLadder;

    /// <summary>Form of the loss.</summary>
    public ContrastiveLossForm LossForm { get; init; } = ContrastiveLossForm.Logistic;

    /// <summary>Logistic form: weight of a pair that does not correspond, at the finest scale (q = 0).</summary>
    public double FineNegativeWeight { get; init; } = 0.5;

    /// <summary>The same at the coarsest scale (q = 1); geometric in q between.</summary>
    public double CoarseNegativeWeight { get; init; } = 0.02;

    /// <summary>Logistic form: the cosine at which a pair is undecided, at the finest scale (q = 0).</summary>
    /// <remarks>
    /// Prompts decide at 0.75 by default. Below it training asks less of a pair than a prompt does and selections become tight, as
    /// parts need it; above it training asks more and selections hold together, as objects need it.
    /// </remarks>
    public double FineDecisionCosine { get; init; } = 0.7;

    /// <summary>The same at the coarsest scale (q = 1); linear in q between.</summary>
    public double CoarseDecisionCosine { get; init; } = 0.97;

    /// <summary>Logistic form: the cosine's distance from undecided to sure.</summary>
    public double DecisionTemperature { get; init; } = 0.15;

    /// <summary>K of the smoothing (self included), 1..32.</summary>
    public int Neighbors { get; init; } = 16;

    /// <summary>Neighbours of like colour instead of the nearest alone (<see cref="Saga.Engine.Neighbors.AlikeNeighbors"/>).</summary>
    public bool AlikeNeighbors { get; init; } = true;

    /// <summary>How many of the K neighbour ranks are drawn per iteration, 1..K.</summary>
    public int NeighborsPerIteration { get; init; } = 4;

    /// <summary>Threads; 0 for all processors. The result does not depend on it.</summary>
    public int MaxThreads { get; init; }

    /// <summary>The cosine at which a pair is undecided at a scale.</summary>
    /// <param name="quantile">q in [0, 1].</param>
    public double DecisionCosineAt(double quantile) => FineDecisionCosine + (CoarseDecisionCosine - FineDecisionCosine) * quantile;

    /// <summary>The weight of a pair that does not correspond at a scale.</summary>
    /// <param name="quantile">q in [0, 1].</param>
    public double NegativeWeightAt(double quantile) => FineNegativeWeight * Math.Pow(CoarseNegativeWeight / FineNegativeWeight, quantile);

    /// <summary>Refuses values outside the ranges above.</summary>
    /// <exception cref="ArgumentException">Names the option, what was found and what is accepted.</exception>
    public void Validate()
    {
        Check(Iterations, 1, 1_000_000, nameof(Iterations));
        Check(RaysPerIteration, 16, 8192, nameof(RaysPerIteration));
        Check(ScalesPerIteration, 3, 32, nameof(ScalesPerIteration));
        Check(FeatureDimension, 8, 64, nameof(FeatureDimension));
        Check(Neighbors, 1, 32, nameof(Neighbors));
        Check(NeighborsPerIteration, 1, Neighbors, nameof(NeighborsPerIteration));
        if (FeatureDimension % 8 != 0)
        {
            throw new ArgumentException($"{nameof(FeatureDimension)} is {FeatureDimension}; it must be a multiple of 8 from 8 to 64.");
        }

        if (LearningRate is not (> 0 and <= 1) || MaskBalancedFraction is not (>= 0 and <= 1) || FineNegativeWeight is not (> 0 and <= 100)
            || CoarseNegativeWeight is not (> 0 and <= 100) || FineDecisionCosine is not (> -1 and < 1)
            || CoarseDecisionCosine is not (> -1 and < 1) || DecisionTemperature is not (> 0 and <= 1))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"LearningRate {LearningRate} must be in (0, 1], MaskBalancedFraction {MaskBalancedFraction} in [0, 1], ")
                + FormattableString.Invariant($"the negative weights {FineNegativeWeight}, {CoarseNegativeWeight} in (0, 100], ")
                + FormattableString.Invariant($"the decision cosines {FineDecisionCosine}, {CoarseDecisionCosine} in (-1, 1), DecisionTemperature {DecisionTemperature} in (0, 1]."));
        }
    }

    private static void Check(int value, int min, int max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{name} is {value}; it must be from {min} to {max}.", name);
        }
    }
}
