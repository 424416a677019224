using Saga.Engine.Archives;

namespace Saga.Engine.Masks;

/// <summary>What a zip of masks may contain before it is refused.</summary>
public sealed record MaskReadOptions
{
    /// <summary>Limits of the zip itself.</summary>
    public ZipLimits Zip { get; init; } = new();

    /// <summary>Most masks of one view. A dense automatic generator writes a few hundred.</summary>
    public int MaxMasksPerView { get; init; } = 4096;

    /// <summary>Most runs of all masks of one view; a run takes about 4 bytes of memory.</summary>
    public long MaxRunsPerView { get; init; } = 1L << 26;

    /// <summary>Most runs of all views that <see cref="MaskArchive.Read"/> keeps: 2²⁸ runs are about 1.1 GB.</summary>
    public long MaxRuns { get; init; } = 1L << 28;
}
