namespace Saga.Engine.Masks;

/// <summary>All masks of one view: overlapping, of all granularities, each run-length coded.</summary>
/// <param name="ViewName">The view they belong to.</param>
/// <param name="Masks">The masks; each may be at another resolution than the view.</param>
public sealed record ViewMasks(string ViewName, IReadOnlyList<BinaryMask> Masks);
