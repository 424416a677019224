using System.Buffers.Binary;
using System.IO.Compression;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>Damaged, truncated and lying files are refused with a reason, whatever the format, and cost no memory that they do not have.</summary>
public sealed class FormatPoisonTests : IDisposable
{
    /// <summary>What a refusal may allocate beyond a few times the file: buffers of readers, decompressors and messages.</summary>
    private const long AllowedBytes = 16 << 20;

    private readonly TestFolder _folder = new();

    public static TheoryData<string> Formats => ["a.splat", "2.spz", "3.spz", "4.spz", "a.compressed.ply", "a.sog"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_cut_off_anywhere_is_refused(string name)
    {
        byte[] whole = FileOf(name);
        foreach (int length in Enumerable.Range(0, 40).Select(k => k * whole.Length / 40).Append(whole.Length - 1))
        {
            // A .splat has no header: what is cut between two records is a whole file of fewer.
            if (name == "a.splat" && length > 0 && length % 32 == 0)
            {
                Assert.Equal(length / 32, Read(name, whole[..length]).FileGaussianCount);
                continue;
            }

            // The trailer of a gzip stream, eight bytes, holds nothing that is needed.
            if (name is "2.spz" or "3.spz" && length >= whole.Length - 8)
            {
                continue;
            }

            string message = Refused(name, whole[..length]).Message;
            Assert.StartsWith(name, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_with_changed_bytes_is_read_or_refused_but_never_fails(string name)
    {
        byte[] whole = FileOf(name);
        Random random = new(7);
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] damaged = [.. whole];
            for (int change = 0; change < 1 + trial % 4; change++)
            {
                // Headers, where lengths are, as often as all the rest.
                int place = random.Next(trial % 2 == 0 ? Math.Min(600, damaged.Length) : damaged.Length);
                damaged[place] = (byte)random.Next(256);
            }

            try
            {
                Read(name, damaged);
            }
            catch (InvalidSceneException error)
            {
                Assert.DoesNotContain("Exception", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(2, 400_000_000u)]
    [InlineData(3, 40_000_000u)]
    [InlineData(4, 40_000_000u)]
    [InlineData(4, uint.MaxValue)]
    public void A_small_spz_file_that_promises_millions_is_refused_before_memory_is_taken(int version, uint count)
    {
        byte[] file = FileOf($"{version}.spz");
        byte[] header = version == 4 ? file : Unzip(file);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), count);
        byte[] lying = version == 4 ? header : Zip(header);

        Assert.Contains("promise", RefusedCheaply("lying.spz", lying).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_an_spz_file_that_lies_is_refused_cheaply()
    {
        foreach ((int place, ulong value) in new[] { (32, ulong.MaxValue), (40, ulong.MaxValue), (40, 1UL << 40), (48, 1UL << 62), (32, 0UL) })
        {
            byte[] file = FileOf("4.spz");
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(place), value);
            RefusedCheaply("table.spz", file);
        }

        byte[] streams = FileOf("4.spz");
        streams[15] = 255;
        Assert.Contains("255 streams", RefusedCheaply("streams.spz", streams).Message, StringComparison.Ordinal);
        byte[] far = FileOf("4.spz");
        BinaryPrimitives.WriteUInt32LittleEndian(far.AsSpan(16), uint.MaxValue);
        RefusedCheaply("far.spz", far);
    }

    [Fact]
    public void Zeros_that_a_gzip_file_packs_a_thousandfold_are_a_bomb()
    {
        // 4 million Gaussians of nothing: 80 MB in 80 KB.
        byte[] body = new byte[16 + 4_000_000 * 20];
        "NGSP"u8.CopyTo(body);
        body[4] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), 4_000_000);

        Assert.Contains("bomb", RefusedCheaply("bomb.spz", Zip(body)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1u, 0, 12, "version 1")]
    [InlineData(5u, 0, 12, "version 5")]
    [InlineData(3u, 5, 12, "degree 5")]
    [InlineData(3u, 0, 24, "24 fractional bits")]
    public void An_spz_header_that_nobody_writes_is_refused_by_what_it_says(uint version, byte degree, byte bits, string said)
    {
        byte[] header = Unzip(FileOf("3.spz"));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), version);
        (header[12], header[13]) = (degree, bits);

        Assert.Contains(said, Refused("odd.spz", Zip(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Harmonics_of_the_fourth_degree_are_left_out_and_said_to_be()
    {
        byte[] body = new byte[16 + 2 * (9 + 1 + 3 + 3 + 4 + 72)];
        "NGSP"u8.CopyTo(body);
        (body[4], body[8], body[12], body[13]) = (3, 2, 4, 12);
        body.AsSpan(16 + 2 * 20).Fill(128 + 64);
        body.AsSpan(16 + 2 * 9, 2).Fill(128);

        GaussianScene scene = Read("four.spz", Zip(body));

        Assert.Equal((2, 3), (scene.Count, scene.ShDegree));
        Assert.Equal("colors-reduced", Assert.Single(scene.Problems).Code);
        Assert.All(scene.ShCoefficients[3..48], value => Assert.Equal(0.5f, Math.Abs(value)));
    }

    [Fact]
    public void An_extension_says_where_the_axes_of_an_spz_file_point()
    {
        GaussianScene plain = Read("3.spz", FileOf("3.spz"));
        GaussianScene asPly = Read("rdf.spz", Zip(WithAxes(Unzip(FileOf("3.spz")), 6)));
        GaussianScene mirrored = Read("ruf.spz", Zip(WithAxes(Unzip(FileOf("3.spz")), 8)));

        int a = Array.IndexOf(plain.FileIndices, 1);
        int b = Array.IndexOf(asPly.FileIndices, 1);
        int c = Array.IndexOf(mirrored.FileIndices, 1);
        Assert.Equal([plain.Means[3 * a], -plain.Means[3 * a + 1], -plain.Means[3 * a + 2]], asPly.Means[(3 * b)..(3 * b + 3)]);
        Assert.Equal([plain.Means[3 * a], plain.Means[3 * a + 1], -plain.Means[3 * a + 2]], mirrored.Means[(3 * c)..(3 * c + 3)]);
        Assert.Contains("coordinate system 9", Refused("rfd.spz", Zip(WithAxes(Unzip(FileOf("3.spz")), 9))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("element vertex 64", "element vertex 9999999999", "records")]
    [InlineData("element vertex 64", "element vertex 65", "element sh has 64 records")]
    [InlineData("element chunk 1", "element chunk 2", "element chunk has 2 records")]
    [InlineData("property uint packed_scale", "property uint packed_smell", "packed_position to packed_color")]
    [InlineData("property float max_y", "property float may_x", "element chunk should be min_x")]
    [InlineData("property uchar f_rest_7\n", "", "23 properties")]
    [InlineData("binary_little_endian", "binary_big_endian", "BinaryBigEndian")]
    [InlineData("element sh 64", "element shy 64", "element 2 should be sh")]
    public void A_compressed_ply_of_another_layout_is_refused_by_what_differs(string from, string to, string said)
    {
        byte[] file = FileOf("a.compressed.ply");
        int end = file.AsSpan().IndexOf("end_header\n"u8);
        string header = System.Text.Encoding.ASCII.GetString(file, 0, end).Replace(from, to, StringComparison.Ordinal);
        byte[] changed = [.. System.Text.Encoding.ASCII.GetBytes(header), .. file[end..]];

        Assert.Contains(said, RefusedCheaply("odd.compressed.ply", changed).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Poison_in_records_is_counted_and_left_out()
    {
        byte[] splat = FileOf("a.splat");
        BitConverter.TryWriteBytes(splat.AsSpan(0), float.PositiveInfinity);
        BitConverter.TryWriteBytes(splat.AsSpan(32 + 12), -1f);
        BitConverter.TryWriteBytes(splat.AsSpan(64 + 12), 0f);
        splat.AsSpan(96 + 28, 4).Fill(128);
        BitConverter.TryWriteBytes(splat.AsSpan(128 + 4), 2e7f);

        GaussianScene scene = Read("poison.splat", splat);

        Assert.Equal(59, scene.Count);
        Assert.Equal(
            "5 of 64 Gaussians are unusable and are ignored: 3 with NaN or infinite values, 1 with a zero rotation quaternion, "
            + "1 farther than 10000000 from the origin.",
            Assert.Single(scene.Problems).Detail);
    }

    [Theory]
    [InlineData("a.txt", "What is this? It is some text of whole records, and no scene!!!!")]
    [InlineData("a.obj", "v 1.0 2.0 3.0\n")]
    [InlineData("meta.json", "{\"version\": 2}")]
    [InlineData("a.bin", "")]
    public void What_is_no_scene_is_told_which_formats_there_are(string name, string text) =>
        Assert.Contains(".sog (version 2)", Refused(name, System.Text.Encoding.ASCII.GetBytes(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Random_bytes_are_no_scene()
    {
        byte[] bytes = new byte[64 * 32];
        for (int seed = 0; seed < 100; seed++)
        {
            new Random(seed).NextBytes(bytes);
            bytes[0] = 0xEE;
            Refused("noise", bytes);
        }
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var zipped = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            zipped.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Unzip(byte[] bytes)
    {
        using var unzipped = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var target = new MemoryStream();
        unzipped.CopyTo(target);
        return target.ToArray();
    }

    private static byte[] WithAxes(byte[] body, uint system)
    {
        // Behind a record of another vendor, which is skipped.
        body[14] |= 2;
        byte[] records = new byte[8 + 3 + 12];
        BinaryPrimitives.WriteUInt32LittleEndian(records, 0x4E41_0001);
        BinaryPrimitives.WriteUInt32LittleEndian(records.AsSpan(4), 3);
        BinaryPrimitives.WriteUInt32LittleEndian(records.AsSpan(11), 0xADBE_0003);
        BinaryPrimitives.WriteUInt32LittleEndian(records.AsSpan(15), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(records.AsSpan(19), system);
        return [.. body, .. records];
    }

    private byte[] FileOf(string name)
    {
        GaussianScene scene = GaussianFile.Read(_folder.Write(
            "source.ply", new PlyTestFile("binary_little_endian", TestGaussians.Inria(64, 2)).ToBytes()));
        using var stream = new MemoryStream();
        switch (name)
        {
            case "a.splat":
                GaussianFile.WriteSplat(stream, scene, null);
                break;
            case "a.compressed.ply":
                GaussianFile.WriteCompressedPly(stream, scene, null);
                break;
            case "a.sog":
                SogTestFile.Write(stream, scene);
                break;
            default:
                GaussianFile.WriteSpz(stream, scene, null, name[0] - '0');
                break;
        }

        return stream.ToArray();
    }

    private GaussianScene Read(string name, byte[] bytes) => GaussianFile.Read(_folder.Write(name, bytes));

    private InvalidSceneException Refused(string name, byte[] bytes)
    {
        string path = _folder.Write(name, bytes);
        return Assert.Throws<InvalidSceneException>(() => GaussianFile.Read(path));
    }

    private InvalidSceneException RefusedCheaply(string name, byte[] bytes)
    {
        string path = _folder.Write(name, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        InvalidSceneException error = Assert.Throws<InvalidSceneException>(() => GaussianFile.Read(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllowedBytes);
        return error;
    }
}
