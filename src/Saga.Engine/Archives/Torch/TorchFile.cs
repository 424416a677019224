using System.Runtime.InteropServices;
using System.Text;

namespace Saga.Engine.Archives.Torch;

/// <summary>
/// A file written by <c>torch.save</c> (the zip format, torch 1.6 and later), read without executing anything: tensors, and
/// dictionaries, lists and tuples of tensors.
/// </summary>
/// <remarks>
/// The zip holds <c>&lt;name&gt;/data.pkl</c>, a pickle that names the tensors, and <c>&lt;name&gt;/data/&lt;key&gt;</c>, their elements.
/// <see cref="TorchPickle"/> knows the opcodes and names that torch writes for tensors and refuses all others.
/// </remarks>
public sealed class TorchFile : IDisposable
{
    private const int MaxPickleBytes = 16 << 20;
    private const string PickleName = "data.pkl";

    private readonly SafeZip _zip;
    private readonly Dictionary<string, SafeZipEntry> _entries;
    private readonly string _folder;

    private TorchFile(SafeZip zip, Dictionary<string, SafeZipEntry> entries, string folder, IReadOnlyDictionary<string, TorchTensor> tensors)
    {
        _zip = zip;
        _entries = entries;
        _folder = folder;
        Tensors = tensors;
    }

    /// <summary>
    /// The tensors by name: the path of dictionary keys and list indices, joined with dots (<c>0.weight</c>); a tensor saved alone is <c>""</c>.
    /// </summary>
    public IReadOnlyDictionary<string, TorchTensor> Tensors { get; }

    /// <summary>Opens a file and reads what tensors it holds, not yet their elements.</summary>
    /// <param name="stream">Seekable; closed with the result.</param>
    /// <param name="limits">Null for the defaults.</param>
    /// <exception cref="InvalidArchiveException">Damaged, another format, or anything in it that is not a tensor.</exception>
    public static TorchFile Open(Stream stream, ZipLimits? limits = null)
    {
        RefuseLegacy(stream);
        SafeZip zip = SafeZip.Open(stream, limits);
        Dictionary<string, SafeZipEntry> entries = zip.Entries.ToDictionary(entry => entry.FullName, StringComparer.Ordinal);
        SafeZipEntry[] pickles = [.. zip.Entries.Where(entry => entry.FileName == PickleName && entry.FullName.Count(c => c == '/') <= 1)];
        if (pickles.Length != 1)
        {
            throw new InvalidArchiveException(
                $"The zip holds {pickles.Length} files <name>/{PickleName}; a file written by torch.save holds one (TorchScript archives are not read).");
        }

        string folder = pickles[0].FullName[..^PickleName.Length];
        if (pickles[0].Length > MaxPickleBytes)
        {
            throw new InvalidArchiveException($"{pickles[0].FullName} is {pickles[0].Length} bytes; at most {MaxPickleBytes} are accepted.");
        }

        if (entries.TryGetValue(folder + "byteorder", out SafeZipEntry? order)
            && (order.Length > 16 || Encoding.ASCII.GetString(order.ReadAllBytes()) != "little"))
        {
            throw new InvalidArchiveException("The tensors are not little-endian; save the file on a little-endian machine.");
        }

        object? root = new TorchPickle(pickles[0].ReadAllBytes()).Read();
        return new TorchFile(zip, entries, folder, TorchNames.Collect(root));
    }

    /// <summary>The elements of a tensor in C order, as single-precision numbers.</summary>
    /// <exception cref="InvalidArchiveException">The storage is missing or has another length than the tensor needs.</exception>
    public float[] ReadFloats(TorchTensor tensor) => ReadElements(tensor, (bytes, element) => (float)ReadElement(tensor.ElementType, bytes, element));

    /// <summary>The elements of a tensor in C order, as double-precision numbers.</summary>
    /// <exception cref="InvalidArchiveException">The storage is missing or has another length than the tensor needs.</exception>
    public double[] ReadDoubles(TorchTensor tensor) => ReadElements(tensor, (bytes, element) => ReadElement(tensor.ElementType, bytes, element));

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    /// <summary>The bytes of a tensor's whole storage.</summary>
    internal byte[] ReadStorage(TorchTensor tensor) => StorageEntry(tensor).ReadAllBytes();

    /// <summary>The bytes of a tensor's whole storage, as a stream.</summary>
    internal Stream OpenStorage(TorchTensor tensor) => StorageEntry(tensor).Open();

    private static void RefuseLegacy(Stream stream)
    {
        // Before torch 1.6 a file began with a pickled magic number; tar archives, older still, are no zip either.
        ReadOnlySpan<byte> legacy = [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];
        Span<byte> start = stackalloc byte[14];
        long position = stream.Position;
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = position;
        if (start[..read].StartsWith(legacy[..2]))
        {
            throw new InvalidArchiveException(
                "The file is in torch's old format (before 1.6, or saved with _use_new_zipfile_serialization=False), which is not read. "
                + "Load it where it came from and save it again: torch.save(torch.load(path), path).");
        }
    }

    private static double ReadElement(TorchElementType type, ReadOnlySpan<byte> bytes, long element)
    {
        int i = (int)element;
        return type switch
        {
            TorchElementType.Bool => bytes[i] != 0 ? 1 : 0,
            TorchElementType.Byte => bytes[i],
            TorchElementType.Char => (sbyte)bytes[i],
            TorchElementType.Short => MemoryMarshal.Cast<byte, short>(bytes)[i],
            TorchElementType.Int => MemoryMarshal.Cast<byte, int>(bytes)[i],
            TorchElementType.Long => MemoryMarshal.Cast<byte, long>(bytes)[i],
            TorchElementType.Half => (double)MemoryMarshal.Cast<byte, Half>(bytes)[i],
            TorchElementType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Cast<byte, ushort>(bytes)[i] << 16),
            TorchElementType.Float => MemoryMarshal.Cast<byte, float>(bytes)[i],
            _ => MemoryMarshal.Cast<byte, double>(bytes)[i],
        };
    }

    private T[] ReadElements<T>(TorchTensor tensor, Func<byte[], long, T> read)
    {
        byte[] bytes = ReadStorage(tensor);
        var elements = new T[tensor.Count];
        var index = new long[tensor.Shape.Length];
        long element = tensor.Offset;
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = read(bytes, element);

            // Counts the last dimension up and carries, moving along the strides.
            for (int d = index.Length - 1; d >= 0; d--)
            {
                element += tensor.Strides[d];
                if (++index[d] < tensor.Shape[d])
                {
                    break;
                }

                element -= tensor.Strides[d] * tensor.Shape[d];
                index[d] = 0;
            }
        }

        return elements;
    }

    private SafeZipEntry StorageEntry(TorchTensor tensor)
    {
        TorchStorage storage = tensor.Storage;
        string name = $"{_folder}data/{storage.Key}";
        if (!_entries.TryGetValue(name, out SafeZipEntry? entry))
        {
            throw new InvalidArchiveException($"{name} is missing; a tensor's elements were expected there.");
        }

        long expected = storage.ElementCount * storage.ElementBytes;
        return entry.Length == expected
            ? entry
            : throw new InvalidArchiveException(
                $"{name} is {entry.Length} bytes; {storage.ElementCount} elements of type {storage.ElementType} are {expected}.");
    }
}
