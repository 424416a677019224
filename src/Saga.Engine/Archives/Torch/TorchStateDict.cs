using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Saga.Engine.Archives.Torch;

/// <summary>Writes what <c>torch.save(module.state_dict(), path)</c> writes: named float tensors that <c>torch.load</c> reads.</summary>
/// <remarks>A zip of a pickle (protocol 2) that builds an OrderedDict of tensors, and of one file of elements per tensor.</remarks>
public static class TorchStateDict
{
    private const byte Protocol = 0x80;
    private const byte Mark = (byte)'(';
    private const byte EmptyTuple = (byte)')';
    private const byte Tuple = (byte)'t';
    private const byte Global = (byte)'c';
    private const byte Reduce = (byte)'R';
    private const byte Unicode = (byte)'X';
    private const byte Int32 = (byte)'J';
    private const byte PersistentId = (byte)'Q';
    private const byte False = 0x89;
    private const byte SetItems = (byte)'u';
    private const byte Stop = (byte)'.';

    /// <summary>Writes tensors.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="name">Folder in the zip; torch uses the file's name without its extension.</param>
    /// <param name="tensors">In the order of the dictionary; each has as many values as its shape says, last index fastest.</param>
    /// <exception cref="ArgumentException">A tensor has another number of values than its shape says.</exception>
    public static void Write(Stream stream, string name, IReadOnlyList<(string Name, int[] Shape, float[] Values)> tensors)
    {
        foreach ((string tensor, int[] shape, float[] values) in tensors)
        {
            if (shape.Aggregate(1L, (product, size) => product * size) != values.Length)
            {
                throw new ArgumentException(
                    $"Tensor {tensor} has {values.Length} values; its shape is [{string.Join(", ", shape)}].", nameof(tensors));
            }
        }

        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Add(zip, $"{name}/data.pkl", Pickle(tensors));
        Add(zip, $"{name}/byteorder", "little"u8);
        for (int i = 0; i < tensors.Count; i++)
        {
            byte[] bytes = new byte[sizeof(float) * tensors[i].Values.Length];
            for (int v = 0; v < tensors[i].Values.Length; v++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * v), tensors[i].Values[v]);
            }

            Add(zip, FormattableString.Invariant($"{name}/data/{i}"), bytes);
        }

        Add(zip, $"{name}/version", "3\n"u8);
    }

    // Not compressed: torch maps the elements into memory.
    private static void Add(ZipArchive zip, string name, ReadOnlySpan<byte> bytes)
    {
        using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        entry.Write(bytes);
    }

    private static byte[] Pickle(IReadOnlyList<(string Name, int[] Shape, float[] Values)> tensors)
    {
        var pickle = new List<byte> { Protocol, 2 };
        PutGlobal(pickle, "collections", "OrderedDict");
        pickle.AddRange([EmptyTuple, Reduce, Mark]);
        for (int i = 0; i < tensors.Count; i++)
        {
            PutText(pickle, tensors[i].Name);
            PutTensor(pickle, i, tensors[i].Shape, tensors[i].Values.Length);
        }

        pickle.AddRange([SetItems, Stop]);
        return [.. pickle];
    }

    // _rebuild_tensor_v2(('storage', FloatStorage, key, 'cpu', count), 0, shape, strides, False, OrderedDict())
    private static void PutTensor(List<byte> pickle, int key, int[] shape, int count)
    {
        PutGlobal(pickle, "torch._utils", "_rebuild_tensor_v2");
        pickle.AddRange([Mark, Mark]);
        PutText(pickle, "storage");
        PutGlobal(pickle, "torch", "FloatStorage");
        PutText(pickle, FormattableString.Invariant($"{key}"));
        PutText(pickle, "cpu");
        PutNumber(pickle, count);
        pickle.AddRange([Tuple, PersistentId]);
        PutNumber(pickle, 0);
        PutNumbers(pickle, shape);
        int[] strides = new int[shape.Length];
        for (int d = shape.Length - 1, step = 1; d >= 0; step *= shape[d--])
        {
            strides[d] = step;
        }

        PutNumbers(pickle, strides);
        pickle.Add(False);
        PutGlobal(pickle, "collections", "OrderedDict");
        pickle.AddRange([EmptyTuple, Reduce, Tuple, Reduce]);
    }

    private static void PutGlobal(List<byte> pickle, string module, string name)
    {
        pickle.Add(Global);
        pickle.AddRange(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private static void PutText(List<byte> pickle, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        pickle.Add(Unicode);
        PutLittleEndian(pickle, bytes.Length);
        pickle.AddRange(bytes);
    }

    private static void PutNumbers(List<byte> pickle, int[] numbers)
    {
        pickle.Add(Mark);
        foreach (int number in numbers)
        {
            PutNumber(pickle, number);
        }

        pickle.Add(Tuple);
    }

    private static void PutNumber(List<byte> pickle, int number)
    {
        pickle.Add(Int32);
        PutLittleEndian(pickle, number);
    }

    private static void PutLittleEndian(List<byte> pickle, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        CollectionsMarshal.SetCount(pickle, pickle.Count + sizeof(int));
        bytes.CopyTo(CollectionsMarshal.AsSpan(pickle)[^sizeof(int)..]);
    }
}
