using Microsoft.Win32.SafeHandles;

namespace Saga.Engine.Scenes;

/// <summary>A file that several threads read blocks of.</summary>
internal sealed class BlockFile(string path, string fileName) : IDisposable
{
    private readonly SafeFileHandle _handle = File.OpenHandle(path);

    /// <summary>Bytes of the file.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Fills a block.</summary>
    /// <exception cref="InvalidSceneException">The file ends before the block does.</exception>
    public void Read(Span<byte> block, long offset)
    {
        while (block.Length > 0)
        {
            int read = RandomAccess.Read(_handle, block, offset);
            if (read == 0)
            {
                throw new InvalidSceneException($"{fileName}: the file became shorter while it was read (near byte {offset}).");
            }

            block = block[read..];
            offset += read;
        }
    }

    public void Dispose() => _handle.Dispose();
}
