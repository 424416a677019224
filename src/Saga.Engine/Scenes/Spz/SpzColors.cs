namespace Saga.Engine.Scenes.Spz;

/// <summary>How .spz files store colours.</summary>
internal static class SpzColors
{
    /// <summary>A stored colour is 0.5 + 0.15·f_dc: wider than what can be shown, for the view-dependent part takes some back.</summary>
    public const float Scale = 0.15f;

    /// <summary>Steps between stored coefficients of degree 1 and above it: 5 and 4 bits are kept, so that the file packs well.</summary>
    private const int FirstDegreeStep = 1 << 3;
    private const int HigherDegreeStep = 1 << 4;

    private const int FirstDegreeValues = 9;

    /// <summary>Stores a colour's plain part.</summary>
    public static byte OfDc(float dc) => ToByte(255f * (0.5f + Scale * dc));

    /// <summary>Stores a view-dependent coefficient, rounded to a step of its degree; 0 stays 0.</summary>
    /// <param name="value">The coefficient; −1..1 is kept, more is cut off.</param>
    /// <param name="index">Place among the Gaussian's view-dependent values, rgb together.</param>
    public static byte OfHarmonic(float value, int index)
    {
        int step = index < FirstDegreeValues ? FirstDegreeStep : HigherDegreeStep;
        float steps = MathF.Round(Math.Clamp(value, -1f, 1f) * 128f / step);
        return (byte)Math.Clamp(128 + (int)steps * step, 0, 255);
    }

    /// <summary>Rounds to the nearest byte, NaN to 0.</summary>
    public static byte ToByte(float value) => (byte)Math.Clamp(MathF.Round(value), 0f, 255f);
}
