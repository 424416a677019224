using System.Buffers;
using System.Text.Json;

namespace Saga.Engine.Masks;

/// <summary>Reads JSON tokens from a stream through a bounded buffer, so that a file of any size takes little memory.</summary>
/// <param name="stream">The JSON text, UTF-8, with or without a byte order mark.</param>
/// <param name="maxTokenBytes">Longest string or number accepted.</param>
internal sealed class JsonChunks(Stream stream, int maxTokenBytes) : IDisposable
{
    private const int FirstBufferBytes = 1 << 16;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int _end;

    /// <summary>A reader over the first chunk.</summary>
    public Utf8JsonReader Start()
    {
        bool final = !Fill();
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (_buffer.AsSpan(0, _end).StartsWith(byteOrderMark))
        {
            Discard(byteOrderMark.Length);
        }

        return new Utf8JsonReader(_buffer.AsSpan(0, _end), final, default);
    }

    /// <summary>Moves to the next token, reading on as needed. False at the end of the text.</summary>
    /// <exception cref="JsonException">The text is not JSON, or ends early.</exception>
    /// <exception cref="InvalidMaskException">A token is too long.</exception>
    public bool Read(ref Utf8JsonReader reader)
    {
        while (!reader.Read())
        {
            if (reader.IsFinalBlock)
            {
                return false;
            }

            Discard((int)reader.BytesConsumed);
            bool final = !Fill();
            reader = new Utf8JsonReader(_buffer.AsSpan(0, _end), final, reader.CurrentState);
        }

        return true;
    }

    /// <summary>Moves past the value that begins at the current token (a property name: past its value).</summary>
    public void Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            Read(ref reader);
        }

        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            int depth = reader.CurrentDepth;
            while (Read(ref reader) && reader.CurrentDepth > depth)
            {
            }
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Discard(int count)
    {
        _buffer.AsSpan(count, _end - count).CopyTo(_buffer);
        _end -= count;
    }

    // False when nothing more came.
    private bool Fill()
    {
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= maxTokenBytes)
            {
                throw new InvalidMaskException($"The JSON holds a text or number longer than {maxTokenBytes} bytes.");
            }

            byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        int read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
