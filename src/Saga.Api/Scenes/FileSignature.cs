namespace Saga.Api.Scenes;

/// <summary>Tells file formats apart by their first bytes.</summary>
internal static class FileSignature
{
    private const int Length = 2;

    public static bool IsZip(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[Length];
        file.ReadAtLeast(start, Length, throwOnEndOfStream: false);
        return start.SequenceEqual("PK"u8);
    }
}
