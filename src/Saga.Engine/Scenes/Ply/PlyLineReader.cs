namespace Saga.Engine.Scenes.Ply;

/// <summary>Splits the text part of a file into lines through one buffer of bounded size.</summary>
internal sealed class PlyLineReader
{
    /// <summary>4096 properties of 24 characters fit.</summary>
    private const int MaxLineBytes = 1 << 20;

    private readonly FileStream _file;
    private readonly string _fileName;
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    public PlyLineReader(FileStream file, long offset, string fileName)
    {
        _file = file;
        _fileName = fileName;
        file.Position = offset;
    }

    /// <summary>The next line that is not blank, without its line end; valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (TryReadAny(out line))
        {
            line = line.TrimEnd(" \t\r"u8);
            if (line.Length > 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryReadAny(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = _buffer.AsSpan(_start, searched + newline);
                _start += searched + newline + 1;
                return true;
            }

            searched = _end - _start;
            if (!Refill())
            {
                line = _buffer.AsSpan(_start, searched);
                _start = _end;
                return searched > 0;
            }
        }
    }

    private bool Refill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxLineBytes)
            {
                throw new InvalidSceneException($"{_fileName}: a line is longer than {MaxLineBytes} bytes; expected one record a line.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = _file.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
