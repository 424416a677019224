namespace Saga.Engine.Scenes;

/// <summary>What to read of a Gaussian file.</summary>
/// <param name="IncludeColors">False leaves the spherical harmonics out of memory; which Gaussians are usable does not change.</param>
/// <param name="MaxShDegree">Highest degree of the spherical harmonics that is kept, 0..3; 0 is the colour without its view-dependent part.</param>
public sealed record GaussianReadOptions(bool IncludeColors = true, int MaxShDegree = GaussianReadOptions.HighestShDegree)
{
    /// <summary>The highest degree that is drawn.</summary>
    public const int HighestShDegree = GaussianValues.MaxShDegree;
}
