namespace Saga.Engine.Archives.Torch;

#pragma warning disable CA1720 // The names are those of torch's storage classes.
/// <summary>The element types of torch storages that are read, named as torch names the storages.</summary>
public enum TorchElementType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    Byte,

    /// <summary>Signed 8-bit integer.</summary>
    Char,

    /// <summary>Signed 16-bit integer.</summary>
    Short,

    /// <summary>Signed 32-bit integer.</summary>
    Int,

    /// <summary>Signed 64-bit integer.</summary>
    Long,

    /// <summary>IEEE half precision.</summary>
    Half,

    /// <summary>Upper half of a single.</summary>
    BFloat16,

    /// <summary>Single precision.</summary>
    Float,

    /// <summary>Double precision.</summary>
    Double,
}
#pragma warning restore CA1720

/// <summary>A tensor of a torch file: a strided window on a storage. Its window was checked to lie within the storage.</summary>
public sealed class TorchTensor
{
    internal TorchTensor(TorchStorage storage, long offset, long[] shape, long[] strides)
    {
        Storage = storage;
        Offset = offset;
        Shape = shape;
        Strides = strides;
        Count = 1;
        foreach (long size in shape)
        {
            Count *= size;
        }
    }

    /// <summary>Type of the elements.</summary>
    public TorchElementType ElementType => Storage.ElementType;

    /// <summary>Size of each dimension.</summary>
    public long[] Shape { get; }

    /// <summary>Elements between neighbours, per dimension, not negative.</summary>
    public long[] Strides { get; }

    /// <summary>Element of the storage that is the tensor's first.</summary>
    public long Offset { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    internal TorchStorage Storage { get; }

    /// <summary>True when the storage is exactly the tensor's elements in C order.</summary>
    internal bool IsWholeStorage
    {
        get
        {
            long expected = 1;
            for (int i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                {
                    return false;
                }

                expected *= Shape[i];
            }

            return Offset == 0 && Count == Storage.ElementCount;
        }
    }
}

/// <summary>A storage as the pickle names it.</summary>
/// <param name="ElementType">Type of the elements.</param>
/// <param name="Key">Name under the archive's <c>data/</c>.</param>
/// <param name="ElementCount">Number of elements.</param>
internal sealed record TorchStorage(TorchElementType ElementType, string Key, long ElementCount)
{
    /// <summary>Bytes per element.</summary>
    public int ElementBytes => ElementType switch
    {
        TorchElementType.Bool or TorchElementType.Byte or TorchElementType.Char => 1,
        TorchElementType.Short or TorchElementType.Half or TorchElementType.BFloat16 => 2,
        TorchElementType.Int or TorchElementType.Float => 4,
        _ => 8,
    };
}
