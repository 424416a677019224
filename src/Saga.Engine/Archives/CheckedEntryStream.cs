namespace Saga.Engine.Archives;

/// <summary>Reads a zip entry and holds it to the length and checksum its directory promises.</summary>
internal sealed class CheckedEntryStream(Stream inner, string name, long length, uint checksum) : Stream
{
    private Crc32 _crc;
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public static InvalidArchiveException Damaged(string name, Exception error) => new(
        $"«{name}» is damaged, encrypted, or packed by a method other than store and deflate, and cannot be unpacked.", error);

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        int read;
        try
        {
            read = inner.Read(buffer);
        }
        catch (Exception error) when (DamagedStreams.Explain(error))
        {
            throw Damaged(name, error);
        }

        _read += read;
        if (_read > length)
        {
            throw new InvalidArchiveException($"«{name}» unpacks to more than the {length} bytes it promises.");
        }

        _crc.Add(buffer[..read]);
        if (read == 0 && _read < length)
        {
            throw new InvalidArchiveException($"«{name}» unpacks to {_read} bytes instead of {length}.");
        }

        return _read < length || _crc.Value == checksum
            ? read
            : throw new InvalidArchiveException($"«{name}» is damaged: its checksum does not fit its content.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
