using System.Security.Cryptography;
using Saga.Engine.Clustering;
using Saga.Engine.Segmentation;

namespace Saga.Api.Decomposition;

/// <summary>Everything that a decomposition depends on but scene and model.</summary>
/// <param name="Within">Only inside this selection; null for everywhere.</param>
internal sealed record DecompositionQuestion(DecompositionOptions Options, GaussianSelection? Within)
{
    /// <summary>Equal for equal questions. A selection is what it holds: one of the same Gaussians has the same parts.</summary>
    public string Key => FormattableString.Invariant(
        $"{Options.Scale:R} {Options.SampleFraction:R} {Options.MinClusterSize} {Options.Seed} {Selected()}");

    private string Selected() => Within is null ? "" : Convert.ToHexStringLower(SHA256.HashData(Within.Bits.Span));
}
