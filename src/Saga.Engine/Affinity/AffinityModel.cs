namespace Saga.Engine.Affinity;

/// <summary>
/// What training leaves behind: one affinity feature per Gaussian, the scale gate, and the map from a mask scale in world
/// units to the gate's [0, 1].
/// </summary>
/// <remarks>Immutable. Features are in the order of the <see cref="Scenes.GaussianScene"/> they were trained on.</remarks>
public sealed class AffinityModel
{
    /// <summary>Channels of a feature, 8..64, a multiple of 8.</summary>
    public required int Dimension { get; init; }

    /// <summary>Smoothed features f_i (mean of the unit features of the K nearest), [count, Dimension], engine order, not unit length.</summary>
    /// <remarks>A trained model's are rounded to what prompts score (<see cref="FeatureRounding"/>); another's are when it is loaded for them.</remarks>
    public required float[] Features { get; init; }

    /// <summary>The scale gate (Eq. 3).</summary>
    public required ScaleGate Gate { get; init; }

    /// <summary>Mask scale in world units → [0, 1].</summary>
    public required ScaleQuantiles Quantiles { get; init; }

    /// <summary>How the model was made.</summary>
    public required AffinityModelInfo Info { get; init; }

    /// <summary>Number of Gaussians.</summary>
    public int Count => Features.Length / Dimension;
}
