using System.Buffers.Binary;
using System.IO.Compression;
using Saga.Engine.Images;
using Saga.Tests;

namespace Saga.Engine.Tests.Images;

public sealed class ImageFileTests
{
    private const int Width = 37;
    private const int Height = 23;

    [Fact]
    public void An_rgb_png_comes_back_exactly()
    {
        RgbImage image = Pattern();

        byte[] file = ImageFile.EncodePng(image);

        Assert.Equal(new ImageInfo(ImageFormat.Png, Width, Height), ImageFile.Inspect(file));
        RgbImage decoded = ImageFile.Decode(new MemoryStream(file));
        Assert.Equal((Width, Height), (decoded.Width, decoded.Height));
        Assert.Equal(image.Pixels, decoded.Pixels);
    }

    [Fact]
    public void A_jpeg_comes_back_almost()
    {
        RgbImage image = new(Width, Height, new byte[3 * Width * Height]);
        image.Pixels.AsSpan().Fill(100);

        byte[] file = ImageFile.EncodeJpeg(image);

        Assert.Equal(new ImageInfo(ImageFormat.Jpeg, Width, Height), ImageFile.Inspect(file));
        Assert.All(ImageFile.Decode(file).Pixels, p => Assert.InRange(p, 98, 102));
    }

    [Fact]
    public void Grey_pngs_of_8_and_16_bits_come_back_exactly_as_labels()
    {
        byte[] bytes = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i * 7))];
        ushort[] words = [.. Enumerable.Range(0, Width * Height).Select(i => (ushort)(i * 77))];
        words[5] = ushort.MaxValue;

        Assert.Equal(bytes.Select(b => (ushort)b), ImageFile.DecodeLabels(ImageFile.EncodePngGray8(Width, Height, bytes)).Labels);
        Assert.Equal(words, ImageFile.DecodeLabels(ImageFile.EncodePngGray16(Width, Height, words)).Labels);
    }

    [Fact]
    public void A_binary_png_has_one_bit_per_pixel_and_no_palette()
    {
        byte[] pixels = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i % 3 == 0 ? 1 : 0))];

        byte[] file = ImageFile.EncodePngBinary(Width, Height, pixels);

        Assert.Equal((1, 0), (file[24], file[25]));   // IHDR: bit depth, colour type grey
        LabelMap labels = ImageFile.DecodeLabels(file);
        Assert.Equal(pixels.Select(p => (ushort)p), labels.Labels);
        Assert.Equal(pixels.Select(p => (byte)(255 * p)), ImageFile.Decode(file).Pixels.Where((_, i) => i % 3 == 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_palette_png_gives_its_indices(int bits)
    {
        byte[] indices = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i % (1 << bits)))];

        LabelMap labels = ImageFile.DecodeLabels(PngForge.Indexed(Width, Height, bits, indices));

        Assert.Equal((Width, Height), (labels.Width, labels.Height));
        Assert.Equal(indices.Select(i => (ushort)i), labels.Labels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_row_filter_is_undone(int filter)
    {
        ushort[] values = [.. Enumerable.Range(0, Width * Height).Select(i => (ushort)(i * i))];

        Assert.Equal(values, ImageFile.DecodeLabels(PngForge.Gray16(Width, Height, filter, values)).Labels);
    }

    [Fact]
    public void The_sample_s_photos_and_truth_are_read()
    {
        byte[] photo = File.ReadAllBytes(SharedData.Playroom("images", "view_000.jpg"));
        byte[] truth = File.ReadAllBytes(SharedData.Playroom("truth", "view_000.part.png"));

        Assert.Equal(new ImageInfo(ImageFormat.Jpeg, 640, 480), ImageFile.Inspect(photo));
        Assert.Equal(640 * 480 * 3, ImageFile.Decode(photo).Pixels.Length);
        LabelMap labels = ImageFile.DecodeLabels(truth);
        Assert.Equal((640, 480), (labels.Width, labels.Height));
        Assert.Contains(ushort.MaxValue, labels.Labels);
        Assert.InRange(labels.Labels.Distinct().Count(), 5, 100);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(6, true)]
    [InlineData(8, true)]
    public void The_orientation_tag_of_a_photo_is_applied(byte orientation, bool turned)
    {
        byte[] file = WithOrientation(ImageFile.EncodeJpeg(Pattern()), orientation);

        ImageInfo info = ImageFile.Inspect(file);
        RgbImage image = ImageFile.Decode(file);

        Assert.Equal(turned ? (Height, Width) : (Width, Height), (info.Width, info.Height));
        Assert.Equal((info.Width, info.Height), (image.Width, image.Height));
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void A_truncated_image_is_refused(double part)
    {
        byte[] noise = new byte[3 * 200 * 200];
        new Random(4).NextBytes(noise);
        RgbImage image = new(200, 200, noise);
        byte[][] files = [ImageFile.EncodePng(image), ImageFile.EncodeJpeg(image), ImageFile.EncodePngGray8(300, 400, noise)];
        foreach (byte[] file in files)
        {
            byte[] cut = file[..(int)(part * file.Length)];
            Assert.Throws<InvalidImageException>(() => ImageFile.Decode(cut));
        }

        byte[] labels = files[2][..(int)(part * files[2].Length)];
        Assert.Throws<InvalidImageException>(() => ImageFile.DecodeLabels(labels));
    }

    [Fact]
    public void Garbage_is_refused_whatever_it_pretends_to_be()
    {
        byte[][] starts =
        [
            [], [0xFF, 0xD8, 0xFF], [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], "RIFF\0\0\0\0WEBP"u8.ToArray(),
            "GIF89a"u8.ToArray(), "<svg xmlns='x'/>"u8.ToArray(), "%PDF-1.4"u8.ToArray(), "\0"u8.ToArray(),
        ];
        byte[] garbage = new byte[500];
        new Random(5).NextBytes(garbage);
        foreach (byte[] start in starts)
        {
            Assert.Throws<InvalidImageException>(() => ImageFile.Inspect(start));
            Assert.Throws<InvalidImageException>(() => ImageFile.Decode([.. start, .. garbage]));
            Assert.Throws<InvalidImageException>(() => ImageFile.DecodeLabels([.. start, .. garbage]));
        }
    }

    [Fact]
    public void Damaged_files_are_decoded_or_refused_but_nothing_else()
    {
        Random random = new(6);
        byte[][] files = [ImageFile.EncodePng(Pattern()), ImageFile.EncodeJpeg(Pattern()), ImageFile.EncodePngGray16(9, 9, new ushort[81])];
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] file = [.. files[trial % 3]];
            for (int flips = random.Next(1, 5); flips > 0; flips--)
            {
                file[random.Next(12, file.Length)] = (byte)random.Next(256);
            }

            Survives(() => ImageFile.Decode(file, new ImageLimits(MaxSide: 512)));
            Survives(() => ImageFile.DecodeLabels(file, new ImageLimits(MaxSide: 512)));
        }

        static void Survives(Action read)
        {
            try
            {
                read();
            }
            catch (InvalidImageException)
            {
                // The refusal that the contract names.
            }
        }
    }

    [Fact]
    public void An_image_that_is_too_large_is_refused_on_its_header()
    {
        byte[] file = ImageFile.EncodePngGray8(300, 20, new byte[6000]);

        Assert.Contains("300×20", Refusal(() => ImageFile.Decode(file, new ImageLimits(MaxSide: 299))), StringComparison.Ordinal);
        Assert.Contains("300×20", Refusal(() => ImageFile.Inspect(file, new ImageLimits(MaxPixels: 5999))), StringComparison.Ordinal);
        Assert.Contains("300×20", Refusal(() => ImageFile.DecodeLabels(file, new ImageLimits(MaxSide: 299))), StringComparison.Ordinal);
        Assert.Contains("bytes", Refusal(() => ImageFile.Decode(file, new ImageLimits(MaxFileBytes: 20))), StringComparison.Ordinal);
        Assert.Contains(
            "bytes", Refusal(() => ImageFile.Decode(new MemoryStream(file), new ImageLimits(MaxFileBytes: 20))), StringComparison.Ordinal);

        // A header may promise anything: 2 gigapixels in a hundred bytes.
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), 45000);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), 45000);
        Assert.Throws<InvalidImageException>(() => ImageFile.DecodeLabels(file));
        Assert.Throws<InvalidImageException>(() => ImageFile.Decode(file));
    }

    [Fact]
    public void A_colour_image_is_no_label_map()
    {
        Assert.Contains("colour", Refusal(() => ImageFile.DecodeLabels(ImageFile.EncodePng(Pattern()))), StringComparison.Ordinal);
        Assert.Contains("PNG", Refusal(() => ImageFile.DecodeLabels(ImageFile.EncodeJpeg(Pattern()))), StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_that_do_not_fill_the_size_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ImageFile.EncodePng(new RgbImage(3, 3, new byte[26])));
        Assert.Throws<ArgumentException>(() => ImageFile.EncodePngBinary(3, 0, []));
    }

    private static string Refusal(Action read) => Assert.Throws<InvalidImageException>(read).Message;

    private static RgbImage Pattern() =>
        new(Width, Height, [.. Enumerable.Range(0, 3 * Width * Height).Select(i => (byte)(i * 31 + i / 100))]);

    /// <summary>Puts an EXIF segment with only the orientation after the start marker.</summary>
    internal static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif =
        [
            .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }
}

/// <summary>Writes PNGs that the encoder under test never writes.</summary>
internal static class PngForge
{
    public static byte[] Indexed(int width, int height, int bits, byte[] indices)
    {
        int rowBytes = (width * bits + 7) / 8;
        byte[] raw = new byte[height * (rowBytes + 1)];
        for (int i = 0; i < indices.Length; i++)
        {
            int bit = i % width * bits;
            raw[i / width * (rowBytes + 1) + 1 + bit / 8] |= (byte)(indices[i] << (8 - bits - bit % 8));
        }

        return File(width, height, bits, 3, raw);
    }

    public static byte[] Gray16(int width, int height, int filter, ushort[] values)
    {
        int rowBytes = 2 * width;
        byte[] plain = new byte[height * rowBytes];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(2 * i), values[i]);
        }

        byte[] raw = new byte[height * (rowBytes + 1)];
        for (int y = 0; y < height; y++)
        {
            raw[y * (rowBytes + 1)] = (byte)filter;
            for (int x = 0; x < rowBytes; x++)
            {
                int left = x >= 2 ? plain[y * rowBytes + x - 2] : 0;
                int above = y > 0 ? plain[(y - 1) * rowBytes + x] : 0;
                int corner = x >= 2 && y > 0 ? plain[(y - 1) * rowBytes + x - 2] : 0;
                int nearest = ((int[])[left, above, corner]).MinBy(v => Math.Abs(left + above - corner - v));
                int prediction = filter switch { 0 => 0, 1 => left, 2 => above, 3 => (left + above) / 2, _ => nearest };
                raw[y * (rowBytes + 1) + 1 + x] = (byte)(plain[y * rowBytes + x] - prediction);
            }
        }

        return File(width, height, 16, 0, raw);
    }

    private static byte[] File(int width, int height, int bits, int colorType, byte[] raw)
    {
        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(raw);
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)bits, (byte)colorType);
        byte[] data = compressed.ToArray();
        return
        [
            0x89, .. "PNG\r\n"u8, 26, 10, .. Chunk("IHDR"u8, header), .. Chunk("PLTE"u8, new byte[768]),
            .. Chunk("IDAT"u8, data[..(data.Length / 2)]), .. Chunk("IDAT"u8, data[(data.Length / 2)..]), .. Chunk("IEND"u8, []),
        ];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. length, .. type, .. data, 0, 0, 0, 0];
    }
}
