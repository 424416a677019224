namespace Saga.Engine.Rasterization;

/// <summary>What a view of the scene looks like. Arrays that were not asked for are empty.</summary>
public sealed class RenderedImage
{
    /// <summary>Pixels across.</summary>
    public required int Width { get; init; }

    /// <summary>Pixels down.</summary>
    public required int Height { get; init; }

    /// <summary>Σ w·colour + (1 - Σ w)·background, [height, width, 3], at least 0 and rarely above 1 (not clamped).</summary>
    public float[] Color { get; init; } = [];

    /// <summary>Σ w·z / Σ w, world units along the camera's z axis, [height, width]; 0 where Σ w &lt; 0.5.</summary>
    public float[] Depth { get; init; } = [];

    /// <summary>Σ w, [height, width], in [0, 1].</summary>
    public float[] Alpha { get; init; } = [];

    /// <summary>Σ w·f, [height, width, <see cref="FeatureChannels"/>]; not divided by Σ w.</summary>
    public float[] Features { get; init; } = [];

    /// <summary>Channels of <see cref="Features"/>.</summary>
    public int FeatureChannels { get; init; }
}
