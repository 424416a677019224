using Saga.Engine.Archives;
using Saga.Engine.Archives.Torch;

namespace Saga.Engine.Masks;

/// <summary>Reads masks stored as plain arrays: NumPy's <c>.npy</c> and <c>.npz</c>, torch's <c>.pt</c>.</summary>
internal static class ArrayMaskReader
{
    // An array file holds one array of each name; thousands of entries are something else.
    private static readonly ZipLimits NestedLimits = new(MaxEntries: 4096, MaxTotalBytes: 4L << 30);

    /// <summary>Reads a bool or uint8 array [masks, H, W] or [H, W].</summary>
    public static void ReadNpy(Stream npy, MaskCollector masks, CancellationToken cancellationToken)
    {
        NpyHeader header = NpyHeader.Read(npy);
        if (header.ElementType is not ("|b1" or "|u1" or "b1" or "u1" or "?" or "|?"))
        {
            throw new InvalidMaskException(
                $"The array's type is '{header.ElementType}'; bool or uint8 was expected. Save it with masks.astype(bool).");
        }

        MaskPlanes planes = MaskPlanes.FromShape([.. header.Shape], masks);
        if (header.IsColumnMajor)
        {
            planes.ReadColumnMajor(npy, masks, cancellationToken);
        }
        else
        {
            planes.ReadRowMajor(npy, masks, cancellationToken);
        }
    }

    /// <summary>Reads the array called <c>masks</c>, or every array if none is.</summary>
    /// <param name="npz">Seekable.</param>
    /// <param name="masks">Receives the masks.</param>
    /// <param name="cancellationToken">Checked per mask.</param>
    public static void ReadNpz(Stream npz, MaskCollector masks, CancellationToken cancellationToken)
    {
        using SafeZip zip = SafeZip.Open(npz, NestedLimits);
        SafeZipEntry? named = zip.Entries.FirstOrDefault(entry => entry.FullName == "masks.npy");
        foreach (SafeZipEntry array in named is null ? zip.Entries : [named])
        {
            try
            {
                using Stream stream = array.Open();
                ReadNpy(stream, masks, cancellationToken);
            }
            catch (Exception error) when (error is InvalidMaskException or InvalidArchiveException)
            {
                throw new InvalidMaskException($"array {array.FullName}: {error.Message}", error);
            }
        }
    }

    /// <summary>Reads a bool or uint8 tensor [masks, H, W] or [H, W], or the one called <c>masks</c> of a dictionary.</summary>
    /// <param name="pt">Seekable.</param>
    /// <param name="masks">Receives the masks.</param>
    /// <param name="cancellationToken">Checked per mask.</param>
    public static void ReadTorch(Stream pt, MaskCollector masks, CancellationToken cancellationToken)
    {
        using TorchFile file = TorchFile.Open(pt, NestedLimits);
        if (!file.Tensors.TryGetValue("masks", out TorchTensor? tensor))
        {
            tensor = file.Tensors.Count == 1
                ? file.Tensors.Values.Single()
                : throw new InvalidMaskException(
                    $"The file holds {file.Tensors.Count} tensors; one tensor [masks, height, width], or one called 'masks', was expected.");
        }

        if (tensor.ElementType is not (TorchElementType.Bool or TorchElementType.Byte))
        {
            throw new InvalidMaskException($"The tensor's type is {tensor.ElementType}; bool or uint8 was expected. Save it with masks.bool().");
        }

        MaskPlanes planes = MaskPlanes.FromShape(tensor.Shape, masks);
        if (tensor.IsWholeStorage)
        {
            using Stream storage = file.OpenStorage(tensor);
            planes.ReadRowMajor(storage, masks, cancellationToken);
        }
        else
        {
            long[] strides = tensor.Strides;
            planes.ReadStrided(
                file.ReadStorage(tensor), tensor.Offset, (strides.Length > 2 ? strides[0] : 0, strides[^2], strides[^1]), masks, cancellationToken);
        }
    }
}
