using System.Buffers;

namespace Saga.Engine.Masks;

/// <summary>A stack of binary masks as an array of bytes: [masks, height, width], or [height, width] for one.</summary>
/// <param name="Count">Number of masks.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
internal readonly record struct MaskPlanes(int Count, int Height, int Width)
{
    /// <summary>Reads a shape: [H, W], [M, H, W] or [M, 1, H, W].</summary>
    /// <exception cref="InvalidMaskException">Another number of dimensions, or impossible sides.</exception>
    public static MaskPlanes FromShape(ReadOnlySpan<long> shape, MaskCollector masks)
    {
        (long count, long height, long width) = shape switch
        {
            [long h, long w] => (1, h, w),
            [long m, long h, long w] => (m, h, w),
            [long m, 1, long h, long w] => (m, h, w),
            _ => throw new InvalidMaskException(
                $"The array has the shape [{string.Join(", ", shape.ToArray())}]; [masks, height, width] or [height, width] was expected."),
        };
        if (count < 0)
        {
            throw new InvalidMaskException($"The array holds {count} masks.");
        }

        BinaryMask.CheckedSize(width, height);
        masks.CheckCount(count);
        return new MaskPlanes((int)count, (int)height, (int)width);
    }

    /// <summary>Reads [masks, height, width] in C order, a mask at a time.</summary>
    /// <exception cref="InvalidMaskException">The data is shorter or longer than the shape says.</exception>
    public void ReadRowMajor(Stream data, MaskCollector masks, CancellationToken cancellationToken)
    {
        int size = Width * Height;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        Span<byte> plane = buffer.AsSpan(0, size);
        for (int mask = 0; mask < Count; mask++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadAll(data, plane, mask);
            Add(masks, mask, BinaryMask.FromPixels(Width, Height, plane));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        RefuseMore(data);
    }

    /// <summary>
    /// Reads Fortran order, the masks innermost, then rows, then columns: column-major like the runs, so all masks are coded
    /// side by side and a column at a time is held.
    /// </summary>
    /// <inheritdoc cref="ReadRowMajor"/>
    public void ReadColumnMajor(Stream data, MaskCollector masks, CancellationToken cancellationToken)
    {
        var builders = new MaskRunBuilder[Count];
        var starts = new int[Count];
        for (int mask = 0; mask < Count; mask++)
        {
            builders[mask] = new MaskRunBuilder();
            starts[mask] = -1;
        }

        int size = Width * Height;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, Count * Height));
        for (int x = 0; x < Width; x++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> column = buffer.AsSpan(0, Count * Height);
            ReadAll(data, column, x);
            for (int i = 0; i < column.Length; i++)
            {
                int mask = i % Count;
                bool set = column[i] != 0;
                if (set == starts[mask] >= 0)
                {
                    continue;
                }

                int position = x * Height + i / Count;
                if (!set)
                {
                    builders[mask].AddSet(starts[mask], position);
                }

                starts[mask] = set ? position : -1;
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        RefuseMore(data);
        for (int mask = 0; mask < Count; mask++)
        {
            if (starts[mask] >= 0)
            {
                builders[mask].AddSet(starts[mask], size);
            }

            Add(masks, mask, builders[mask].Build(Width, Height));
        }
    }

    /// <summary>Reads any strided layout.</summary>
    /// <param name="bytes">The storage.</param>
    /// <param name="offset">Element of the first pixel.</param>
    /// <param name="strides">Strides of mask, row and column, in elements; all pixels were checked to lie in the storage.</param>
    /// <param name="masks">Receives the masks.</param>
    /// <param name="cancellationToken">Checked per mask.</param>
    public void ReadStrided(
        byte[] bytes, long offset, (long Mask, long Row, long Column) strides, MaskCollector masks, CancellationToken cancellationToken)
    {
        byte[] plane = new byte[Width * Height];
        for (int mask = 0; mask < Count; mask++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int y = 0; y < Height; y++)
            {
                long rowStart = offset + mask * strides.Mask + y * strides.Row;
                for (int x = 0; x < Width; x++)
                {
                    plane[y * Width + x] = bytes[rowStart + x * strides.Column];
                }
            }

            Add(masks, mask, BinaryMask.FromPixels(Width, Height, plane));
        }
    }

    private static void Add(MaskCollector masks, int index, BinaryMask mask)
    {
        try
        {
            masks.Add(mask);
        }
        catch (InvalidMaskException error)
        {
            throw new InvalidMaskException($"mask {index}: {error.Message}", error);
        }
    }

    private static void ReadAll(Stream data, Span<byte> target, int index)
    {
        int read = data.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        if (read < target.Length)
        {
            throw new InvalidMaskException(
                $"The array's data ends early, in slice {index}: {target.Length - read} more bytes were expected. Is the file truncated?");
        }
    }

    private static void RefuseMore(Stream data)
    {
        if (data.ReadByte() >= 0)
        {
            throw new InvalidMaskException("The file goes on after the array's data; its shape and its size do not fit together.");
        }
    }
}
