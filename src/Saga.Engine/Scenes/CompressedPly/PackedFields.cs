namespace Saga.Engine.Scenes.CompressedPly;

/// <summary>The 32-bit fields of a compressed PLY: numbers of 0..1 in 8, 10 or 11 bits each, the first in the highest.</summary>
internal static class PackedFields
{
    private const float Sqrt2 = 1.4142135623730951f;

    /// <summary>Reads three numbers of 11, 10 and 11 bits, each between its low and high.</summary>
    /// <param name="packed">The field.</param>
    /// <param name="low">[3].</param>
    /// <param name="high">[3].</param>
    /// <param name="values">Receives three numbers.</param>
    public static void Unpack3(uint packed, ReadOnlySpan<float> low, ReadOnlySpan<float> high, Span<float> values)
    {
        values[0] = Between(low[0], high[0], packed >> 21, 11);
        values[1] = Between(low[1], high[1], packed >> 11, 10);
        values[2] = Between(low[2], high[2], packed, 11);
    }

    /// <summary>Writes three numbers of 11, 10 and 11 bits.</summary>
    public static uint Pack3(ReadOnlySpan<float> low, ReadOnlySpan<float> high, ReadOnlySpan<float> values) =>
        Share(low[0], high[0], values[0], 11) << 21 | Share(low[1], high[1], values[1], 10) << 11 | Share(low[2], high[2], values[2], 11);

    /// <summary>Reads four bytes as 0..1.</summary>
    public static void Unpack4(uint packed, Span<float> values)
    {
        for (int c = 0; c < 4; c++)
        {
            values[c] = (packed >> (24 - 8 * c) & 255) / 255f;
        }
    }

    /// <summary>A number of 0..1 in 8 bits.</summary>
    public static uint Pack8(float value) => Share(0, 1, value, 8);

    /// <summary>Reads a rotation: 2 bits say which number is left out as the greatest, the others follow in 10 bits each.</summary>
    /// <param name="packed">The field.</param>
    /// <param name="rotation">Receives w x y z.</param>
    public static void UnpackRotation(uint packed, Span<float> rotation)
    {
        int greatest = (int)(packed >> 30);
        float squares = 0;
        int shift = 20;
        for (int c = 0; c < 4; c++)
        {
            if (c != greatest)
            {
                rotation[c] = ((packed >> shift & 1023) / 1023f - 0.5f) * Sqrt2;
                squares += rotation[c] * rotation[c];
                shift -= 10;
            }
        }

        rotation[greatest] = MathF.Sqrt(MathF.Max(0f, 1f - squares));
    }

    /// <summary>Writes a rotation.</summary>
    /// <param name="rotation">w x y z, unit length.</param>
    public static uint PackRotation(ReadOnlySpan<float> rotation)
    {
        int greatest = 0;
        for (int c = 1; c < 4; c++)
        {
            greatest = MathF.Abs(rotation[c]) > MathF.Abs(rotation[greatest]) ? c : greatest;
        }

        // q and −q are the same rotation: the one whose left-out number is positive is stored.
        float sign = rotation[greatest] < 0 ? -1f : 1f;
        uint packed = (uint)greatest;
        for (int c = 0; c < 4; c++)
        {
            if (c != greatest)
            {
                packed = packed << 10 | Share(0, 1, 0.5f + sign * rotation[c] / Sqrt2, 10);
            }
        }

        return packed;
    }

    private static float Between(float low, float high, uint bits, int count)
    {
        uint most = (1u << count) - 1;
        return low + (high - low) * ((bits & most) / (float)most);
    }

    private static uint Share(float low, float high, float value, int count)
    {
        uint most = (1u << count) - 1;
        float share = high > low ? (value - low) / (high - low) : 0f;
        return (uint)MathF.Round(Math.Clamp(share, 0f, 1f) * most);
    }
}
