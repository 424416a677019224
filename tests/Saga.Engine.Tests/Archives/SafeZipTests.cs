using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Saga.Engine.Archives;
using Saga.Tests.Masks;

namespace Saga.Tests.Archives;

public sealed class SafeZipTests
{
    [Fact]
    public void Files_come_back_as_they_were_packed()
    {
        byte[] large = new byte[3_000_001];
        new Random(1).NextBytes(large);
        using SafeZip zip = SafeZip.Open(ZipOf.Files(("a/b.txt", "hello"u8.ToArray()), ("empty", []), ("big.bin", large), ("folder/", [])));

        Assert.Equal(["a/b.txt", "empty", "big.bin"], zip.Entries.Select(e => e.FullName));
        Assert.Equal("b.txt", zip.Entries[0].FileName);
        Assert.Equal("hello"u8.ToArray(), zip.Entries[0].ReadAllBytes());
        Assert.Empty(zip.Entries[1].ReadAllBytes());
        Assert.Equal(large, zip.Entries[2].ReadAllBytes());
        using Stream seekable = zip.Entries[2].OpenSeekable();
        seekable.Position = 2_999_999;
        Assert.Equal(large[2_999_999], seekable.ReadByte());
    }

    [Theory]
    [InlineData("../evil.json")]
    [InlineData("masks/../../evil.json")]
    [InlineData("masks/..")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\evil.json")]
    [InlineData("masks\\view.json")]
    [InlineData("C:/evil.json")]
    [InlineData("./a.json")]
    [InlineData("../")]
    [InlineData("a\nb.json")]
    [InlineData("a\0b.json")]
    public void Names_that_leave_the_folder_are_refused(string name)
    {
        InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(ZipOf.Files((name, "x"u8.ToArray()))));
        Assert.Contains("unsafe name", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_name_that_occurs_twice_is_refused()
    {
        InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(
            () => SafeZip.Open(ZipOf.Files(("a.json", [1]), ("a.json", [2]))));
        Assert.Contains("«a.json» twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_bomb_of_ten_gigabytes_is_refused_without_unpacking_it()
    {
        byte[] zip = TenGigabytesOfZeros(claimed: 10L << 30);
        long before = GC.GetAllocatedBytesForCurrentThread();

        InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(new MemoryStream(zip)));

        Assert.Contains("«view_000.json» unpacks to 10737418240 bytes", error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Ten_gigabytes_that_claim_to_be_a_thousand_bytes_are_refused_after_a_thousand_bytes()
    {
        using SafeZip opened = SafeZip.Open(new MemoryStream(TenGigabytesOfZeros(claimed: 1000)));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidArchiveException>(() => opened.Entries[0].ReadAllBytes());

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20);
    }

    [Fact]
    public void An_entry_with_zip64_sizes_is_read()
    {
        using SafeZip opened = SafeZip.Open(new MemoryStream(Zip64("a.txt", [0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], 5, 0x3610A686)));
        Assert.Equal("hello"u8.ToArray(), opened.Entries[0].ReadAllBytes());
    }

    [Fact]
    public void A_bomb_that_claims_to_be_small_yields_no_more_than_it_claims()
    {
        byte[] zip = ZipOf.Files(("view_000.json", new byte[50_000_000])).ToArray();
        SetSizes(zip, uncompressed: 1000);

        using SafeZip opened = SafeZip.Open(new MemoryStream(zip));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidArchiveException>(() => opened.Entries[0].ReadAllBytes());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20);
    }

    [Fact]
    public void An_entry_that_claims_more_than_it_holds_is_refused()
    {
        byte[] honest = ZipOf.Files(("view_000.json", Encoding.ASCII.GetBytes(new string('x', 5000)))).ToArray();
        SetSizes(honest, uncompressed: 6000);

        using SafeZip opened = SafeZip.Open(new MemoryStream(honest));
        Assert.Throws<InvalidArchiveException>(() => opened.Entries[0].ReadAllBytes());
    }

    [Fact]
    public void More_bytes_than_deflate_can_give_are_a_bomb()
    {
        byte[] zip = ZipOf.Files(("view_000.json", new byte[100_000])).ToArray();
        SetSizes(zip, uncompressed: 900_000_000);

        InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(new MemoryStream(zip)));
        Assert.Contains("bomb", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_on_entries_and_bytes_hold()
    {
        (string, byte[])[] files = [.. Enumerable.Range(0, 10).Select(i => ($"f{i}", new byte[100]))];

        using (SafeZip.Open(ZipOf.Files(files), new ZipLimits(10, 100, 1000)))
        {
        }

        Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(ZipOf.Files(files), new ZipLimits(9, 100, 1000)));
        Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(ZipOf.Files(files), new ZipLimits(10, 99, 1000)));
        Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(ZipOf.Files(files), new ZipLimits(10, 100, 999)));
    }

    [Fact]
    public void A_directory_of_many_entries_is_counted_whatever_number_it_states()
    {
        byte[] zip = ZipOf.Files([.. Enumerable.Range(0, 500).Select(i => ($"f{i}", Array.Empty<byte>()))]).ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.Length - 14), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.Length - 12), 3);

        InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(
            () => SafeZip.Open(new MemoryStream(zip), new ZipLimits(MaxEntries: 100)));
        Assert.Contains("more than 100 entries", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_entry_is_noticed_by_its_checksum()
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("a.npy", CompressionLevel.NoCompression).Open();
            entry.Write(new byte[1000]);
        }

        byte[] zip = stream.ToArray();
        zip[500] ^= 4;

        using SafeZip opened = SafeZip.Open(new MemoryStream(zip));
        InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(() => opened.Entries[0].ReadAllBytes());
        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_empty_and_foreign_files_are_refused()
    {
        byte[] zip = ZipOf.Files(("a.json", "hello"u8.ToArray()), ("b.json", "hello"u8.ToArray())).ToArray();

        for (int length = 0; length < zip.Length; length++)
        {
            Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(new MemoryStream(zip[..length])));
        }

        Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(new MemoryStream("ply\nformat ascii 1.0"u8.ToArray())));
    }

    [Fact]
    public void An_encrypted_entry_is_refused_by_name()
    {
        byte[] zip = ZipOf.Files(("a.json", "hello"u8.ToArray())).ToArray();
        int directory = FindDirectory(zip);
        zip[6] |= 1;
        zip[directory + 8] |= 1;

        InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(() => SafeZip.Open(new MemoryStream(zip)));
        Assert.Contains("«a.json» is encrypted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_in_a_zip_is_a_file_like_any_other()
    {
        using SafeZip outer = SafeZip.Open(ZipOf.Files(("inner.zip", ZipOf.Files(("a", [1, 2])).ToArray())));
        using SafeZip inner = SafeZip.Open(outer.Entries[0].OpenSeekable());
        Assert.Equal([1, 2], inner.Entries[0].ReadAllBytes());
    }

    [Fact]
    public void Flipped_bytes_anywhere_are_refused_or_harmless()
    {
        byte[] zip = ZipOf.Files(("a.json", "hello, hello, hello"u8.ToArray()), ("b/c.npy", new byte[300])).ToArray();
        var random = new Random(9);
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = [.. zip];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                using SafeZip opened = SafeZip.Open(new MemoryStream(damaged));
                foreach (SafeZipEntry entry in opened.Entries)
                {
                    entry.ReadAllBytes();
                }
            }
            catch (InvalidArchiveException)
            {
                // The only exception that may leave.
            }
        }
    }

    [Fact]
    public void Checksums_match_the_published_check_value()
    {
        var crc = default(Crc32);
        crc.Add("12345"u8);
        crc.Add("6789"u8);
        Assert.Equal(0xCBF43926u, crc.Value);   // the CRC-32 catalogue's check value for "123456789"
    }

    private static int FindDirectory(byte[] zip) => zip.AsSpan().IndexOf("PK\x01\x02"u8);

    // In the directory, which is what readers believe, and in the local header.
    private static void SetSizes(byte[] zip, uint uncompressed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(FindDirectory(zip) + 24), uncompressed);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(22), uncompressed);
    }

    // 16 MB of deflated zeros that end on a byte (a sync flush), 640 times, and an empty last block: it really yields 10 GB.
    private static byte[] TenGigabytesOfZeros(long claimed)
    {
        var block = new MemoryStream();
        using var deflate = new DeflateStream(block, CompressionLevel.Optimal, leaveOpen: true);
        deflate.Write(new byte[16 << 20]);
        deflate.Flush();
        var zeros = new MemoryStream();
        for (int i = 0; i < 640; i++)
        {
            block.WriteTo(zeros);
        }

        zeros.Write([0x03, 0x00]);
        return Zip64("view_000.json", zeros.ToArray(), claimed, checksum: 0);
    }

    // One deflated entry whose length stands in a zip64 field, as large entries have it.
    private static byte[] Zip64(string name, byte[] deflated, long length, uint checksum)
    {
        var zip = new MemoryStream();
        var writer = new BinaryWriter(zip);
        byte[] nameBytes = Encoding.ASCII.GetBytes(name);
        writer.Write(0x04034B50);
        Common(extraBytes: 0);
        writer.Write(nameBytes);
        writer.Write(deflated);
        long directory = zip.Position;
        writer.Write(0x02014B50);
        writer.Write((ushort)45);
        Common(extraBytes: 12);
        writer.Write(new byte[14]);
        writer.Write(nameBytes);
        writer.Write((ushort)1);
        writer.Write((ushort)8);
        writer.Write(length);
        long end = zip.Position;
        writer.Write(0x06054B50);
        writer.Write(0);
        writer.Write((ushort)1);
        writer.Write((ushort)1);
        writer.Write((uint)(end - directory));
        writer.Write((uint)directory);
        writer.Write((ushort)0);
        return zip.ToArray();

        void Common(int extraBytes)
        {
            writer.Write((ushort)45);
            writer.Write((ushort)0);
            writer.Write((ushort)8);
            writer.Write(0);
            writer.Write(checksum);
            writer.Write(deflated.Length);
            writer.Write(uint.MaxValue);
            writer.Write((ushort)nameBytes.Length);
            writer.Write((ushort)extraBytes);
        }
    }
}
