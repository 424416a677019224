namespace Saga.Engine.Masks.Generation;

/// <summary>Finds masks of all granularities in one picture, overlapping and nested ("segment everything").</summary>
/// <remarks>Deterministic: the same picture gives the same masks in the same order. Not thread-safe unless an implementation says so.</remarks>
public interface IMaskGenerator : IDisposable
{
    /// <summary>
    /// Names what decides the masks of a picture: kind, version, options, hash of the model. Masks made under the same
    /// fingerprint from the same picture are the same, so it is part of the key under which they are cached.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>Pixels of a picture's longer side from which on more pixels are of no use; larger photos are shrunk to it before.</summary>
    int UsefulSide { get; }

    /// <summary>Finds the masks of a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="cancellationToken">Checked often enough to stop within a second.</param>
    /// <returns>Masks at the picture's resolution, none empty, none equal to another; an empty list where nothing was found.</returns>
    IReadOnlyList<BinaryMask> Generate(ViewPicture picture, CancellationToken cancellationToken);
}
