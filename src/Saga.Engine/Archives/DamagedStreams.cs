namespace Saga.Engine.Archives;

/// <summary>Tells packed bytes that are damaged from a disk that is.</summary>
internal static class DamagedStreams
{
    // What an I/O error without the operating system's number has: .NET's exception for zlib's rarer answers, for example to a stream that asks
    // for a dictionary, is such a one, and not public.
    private const int NoSystemError = unchecked((int)0x80131620);

    /// <summary>Whether damage of what was unpacked explains an exception of reading it.</summary>
    public static bool Explain(Exception error) =>
        error is InvalidDataException or EndOfStreamException || (error is IOException && error.HResult == NoSystemError);
}
