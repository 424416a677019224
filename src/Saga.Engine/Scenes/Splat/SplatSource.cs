using System.Buffers;

namespace Saga.Engine.Scenes.Splat;

/// <summary>The records of a .splat file.</summary>
internal sealed class SplatSource : GaussianSource
{
    private readonly BlockFile _file;

    private SplatSource(BlockFile file, int count)
        : base(count, shDegree: 0)
    {
        _file = file;
    }

    protected override int RecordsPerBlock => 16_384;

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidSceneException">No whole records.</exception>
    public static SplatSource Open(string path, string fileName)
    {
        var file = new BlockFile(path, fileName);
        long count = file.Length / SplatRecord.Bytes;
        if (file.Length % SplatRecord.Bytes == 0 && count is > 0 and <= int.MaxValue / 4)
        {
            return new SplatSource(file, (int)count);
        }

        long length = file.Length;
        file.Dispose();
        throw new InvalidSceneException(
            $"{fileName}: the file has {length} bytes; a .splat scene has {SplatRecord.Bytes} for each of 1 to {int.MaxValue / 4} Gaussians. "
            + "It is truncated or of another format.");
    }

    protected override void ReadBlock(int first, int count, GaussianRecordAction action, bool shapesOnly)
    {
        int bytes = count * SplatRecord.Bytes;
        byte[] block = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            _file.Read(block.AsSpan(0, bytes), (long)first * SplatRecord.Bytes);
            Span<float> values = stackalloc float[ValueCount];
            for (int i = 0; i < count; i++)
            {
                SplatRecord.Read(block.AsSpan(i * SplatRecord.Bytes, SplatRecord.Bytes), values);
                action(first + i, values);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
