namespace Saga.Engine.Rasterization;

/// <summary>Which pictures a rendering computes. They are computed together; each costs a little.</summary>
public sealed record RenderOptions
{
    /// <summary>Colour of the spherical harmonics, over <see cref="Background"/>. Needs a scene read with colours.</summary>
    public bool Color { get; init; }

    /// <summary>Depth along the camera's z axis.</summary>
    public bool Depth { get; init; }

    /// <summary>Coverage Σ w.</summary>
    public bool Alpha { get; init; }

    /// <summary>What shows behind the scene in the colour picture; black by default, as in the splats' own training.</summary>
    public RgbColor Background { get; init; }

    /// <summary>
    /// Any values per Gaussian to blend with the same weights, [count, <see cref="FeatureChannels"/>] row-major, engine order;
    /// empty for none. One channel of zeros and ones gives the picture of a selection.
    /// </summary>
    public ReadOnlyMemory<float> Features { get; init; }

    /// <summary>Channels of <see cref="Features"/>; 0 for none.</summary>
    public int FeatureChannels { get; init; }
}
