namespace Saga.Api.Residency;

/// <summary>Something that stays in memory between requests.</summary>
internal interface IResident
{
    /// <summary>Bytes of its arrays; may grow with what it is asked.</summary>
    long ByteCount { get; }

    /// <summary>Usable Gaussians of the scene.</summary>
    int GaussianCount { get; }
}
