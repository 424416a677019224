namespace Saga.Engine.Scenes;

/// <summary>
/// The order in which every format's reader hands over a Gaussian's values: x y z, opacity, scale_0..2, rot_0..3 (w x y z), then
/// the colour coefficients, coefficient-major with rgb innermost. Values are as a PLY file stores them: before their activations.
/// </summary>
internal static class GaussianValues
{
    public const int Mean = 0;
    public const int Opacity = 3;
    public const int Scale = 4;
    public const int Rotation = 7;
    public const int Color = 11;

    /// <summary>Highest degree of the spherical harmonics that the engine draws.</summary>
    public const int MaxShDegree = 3;

    /// <summary>Y₀₀: a colour of 8 bits is 0.5 + Y₀₀·f_dc.</summary>
    public const float Sh0 = 0.28209479177387814f;

    /// <summary>Colour values of one Gaussian, rgb together.</summary>
    public static int ColorCount(int shDegree) => 3 * (shDegree + 1) * (shDegree + 1);

    /// <summary>The logit of an opacity; 0 and 1 become infinite, which <see cref="GaussianChecks.Normalize"/> ends.</summary>
    /// <param name="opacity">0..1.</param>
    public static float Logit(float opacity) => MathF.Log(opacity / (1 - opacity));

    /// <summary>The opacity of a logit, 0..1.</summary>
    public static float Sigmoid(float logit) => 1 / (1 + MathF.Exp(-logit));
}
