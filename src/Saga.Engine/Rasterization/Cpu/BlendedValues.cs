namespace Saga.Engine.Rasterization.Cpu;

/// <summary>The values that a rendering blends per Gaussian, in the order of its planes: r g b, depth, features.</summary>
/// <param name="colors">Colours by slot, [slots, 4], or empty for none.</param>
/// <param name="withDepth">Whether depth is a plane.</param>
/// <param name="features">Features by engine index, [count, channels], or empty for none.</param>
/// <param name="channels">Channels of a feature.</param>
internal sealed class BlendedValues(float[] colors, bool withDepth, ReadOnlyMemory<float> features, int channels)
{
    public int DepthPlane => colors.Length > 0 ? 3 : 0;

    public int FeaturePlane => DepthPlane + (withDepth ? 1 : 0);

    public int PlaneCount => FeaturePlane + channels;

    /// <param name="slot">Slot of the Gaussian.</param>
    /// <param name="gaussian">The Gaussian.</param>
    /// <param name="values">Receives the values, [at least planes].</param>
    public void Read(int slot, in ProjectedGaussian gaussian, Span<float> values)
    {
        if (colors.Length > 0)
        {
            colors.AsSpan(4 * slot, 3).CopyTo(values);
        }

        if (withDepth)
        {
            values[DepthPlane] = gaussian.Depth;
        }

        if (channels > 0)
        {
            features.Span.Slice(gaussian.Index * channels, channels).CopyTo(values[FeaturePlane..]);
        }
    }
}
