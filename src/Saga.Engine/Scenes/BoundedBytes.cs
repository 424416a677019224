namespace Saga.Engine.Scenes;

/// <summary>Reads as many bytes as a header claims, believing it only as far as bytes arrive.</summary>
internal static class BoundedBytes
{
    private const int FirstBytes = 1 << 20;

    /// <summary>Reads exactly some bytes; memory grows with what arrives, to twice of it at most.</summary>
    /// <returns>The bytes, or null when the stream ends before.</returns>
    public static byte[]? TryRead(Stream stream, long length, CancellationToken cancellationToken)
    {
        if (length > Array.MaxLength)
        {
            return null;
        }

        byte[] bytes = new byte[(int)Math.Min(length, FirstBytes)];
        int filled = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int wanted = bytes.Length - filled;
            int read = stream.ReadAtLeast(bytes.AsSpan(filled), wanted, throwOnEndOfStream: false);
            filled += read;
            if (read < wanted)
            {
                return null;
            }

            if (filled == length)
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
        }
    }
}
