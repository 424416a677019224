namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>What an exported encoder wants to be given.</summary>
internal enum EncoderKind
{
    /// <summary>Normalised and padded, [1, 3, 1024, 1024].</summary>
    Bare,

    /// <summary>Bytes as floats, resized, not padded, [height, width, 3].</summary>
    RawChannelsLast,

    /// <summary>Bytes as floats, resized, not padded, [3, height, width].</summary>
    RawChannelsFirst,
}
