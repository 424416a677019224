namespace Saga.Engine.Archives.Torch;

/// <summary>A name a torch pickle may refer to.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="ElementType">The element type, for a storage class.</param>
internal sealed record TorchGlobal(TorchGlobalKind Kind, TorchElementType ElementType = default);

internal enum TorchGlobalKind
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage,
}

/// <summary>The names and calls that torch.save needs for tensors; all others are refused.</summary>
internal static class TorchGlobals
{
    // 2⁴⁰ elements: far above any file, far below an overflow.
    private const long MaxElements = 1L << 40;
    private const int MaxDimensions = 64;

    private static readonly Dictionary<string, TorchGlobal> Known = new(StringComparer.Ordinal)
    {
        ["collections.OrderedDict"] = new(TorchGlobalKind.OrderedDict),
        ["torch._utils._rebuild_tensor_v2"] = new(TorchGlobalKind.RebuildTensor),
        ["torch._utils._rebuild_parameter"] = new(TorchGlobalKind.RebuildParameter),
        ["torch.BoolStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Bool),
        ["torch.ByteStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Byte),
        ["torch.CharStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Char),
        ["torch.ShortStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Short),
        ["torch.IntStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Int),
        ["torch.LongStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Long),
        ["torch.HalfStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Half),
        ["torch.BFloat16Storage"] = new(TorchGlobalKind.Storage, TorchElementType.BFloat16),
        ["torch.FloatStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Float),
        ["torch.DoubleStorage"] = new(TorchGlobalKind.Storage, TorchElementType.Double),
    };

    /// <summary>Looks a name up.</summary>
    /// <exception cref="InvalidArchiveException">The name is not known.</exception>
    public static TorchGlobal Find(string module, string name, int offset) =>
        Known.TryGetValue($"{module}.{name}", out TorchGlobal? global)
            ? global
            : throw Refuse(
                $"it asks for '{Printable(module)}.{Printable(name)}' at byte {offset}, which is no part of a tensor; nothing was executed. "
                + "Save the tensor alone: torch.save(masks.cpu(), path)");

    /// <summary>Understands torch's persistent id: ('storage', class, key, location, number of elements).</summary>
    public static TorchStorage ReadStorage(object? id, int offset)
    {
        if (id is object?[] and ["storage", TorchGlobal { Kind: TorchGlobalKind.Storage } type, string key, string, long count]
            && count is >= 0 and <= MaxElements
            && key.Length is > 0 and < 64)
        {
            return new TorchStorage(type.ElementType, key, count);
        }

        throw Refuse($"the persistent id at byte {offset} is not a storage");
    }

    /// <summary>Does what a known call would do.</summary>
    public static object? Call(TorchGlobal global, object?[] arguments, int offset) => global.Kind switch
    {
        TorchGlobalKind.OrderedDict when arguments.Length == 0 => new PickleDictionary(),
        TorchGlobalKind.RebuildTensor => RebuildTensor(arguments, offset),
        TorchGlobalKind.RebuildParameter when arguments is [TorchTensor tensor, ..] => tensor,
        _ => throw Refuse($"the call of {global.Kind} at byte {offset} has unexpected arguments"),
    };

    // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
    private static TorchTensor RebuildTensor(object?[] arguments, int offset)
    {
        if (arguments is not [TorchStorage storage, long first, object?[] sizes, object?[] steps, ..]
            || first < 0 || sizes.Length != steps.Length || sizes.Length > MaxDimensions
            || !AreLengths(sizes) || !AreLengths(steps))
        {
            throw Refuse($"the tensor at byte {offset} has unexpected arguments");
        }

        long[] shape = [.. sizes.Cast<long>()];
        long[] strides = [.. steps.Cast<long>()];
        Int128 count = 1;
        Int128 last = first;
        for (int d = 0; d < shape.Length; d++)
        {
            // Once 0 stays 0; otherwise it only grows, so the check inside the loop also keeps it from overflowing.
            count *= shape[d];
            last += (Int128)(shape[d] - 1) * strides[d];
            if (count > MaxElements)
            {
                break;
            }
        }

        // More elements than the storage has means that some are shared (an expanded tensor): a small file could stand for terabytes.
        if (count > storage.ElementCount || (count > 0 && last >= storage.ElementCount) || (count == 0 && first > storage.ElementCount))
        {
            throw Refuse(
                $"the tensor [{string.Join(", ", shape)}] with strides [{string.Join(", ", strides)}] at offset {first} does not fit its storage of "
                + $"{storage.ElementCount} elements; if it was expanded, save tensor.contiguous()");
        }

        return new TorchTensor(storage, first, shape, strides);
    }

    private static bool AreLengths(object?[] values) => values.All(value => value is >= 0L and <= MaxElements);

    private static string Printable(string name) => new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);

    private static InvalidArchiveException Refuse(string what) => new($"The torch file's pickle is refused: {what}.");
}
