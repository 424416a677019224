using System.Text;
using NetVips;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Tests.Archives;

namespace Saga.Tests.Masks;

public sealed class MaskArchiveTests
{
    private const int Width = 4;
    private const int Height = 3;
    private const string Annotation = """{"segmentation":{"size":[3,4],"counts":"2340"},"area":6}""";

    // Two masks [2, 3, 4].
    private static readonly byte[] Planes =
    [
        0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1,
        1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 255,
    ];

    [Theory]
    [InlineData("view_000.json")]
    [InlineData("some/folder/view_000.JSON")]
    [InlineData("view_000.jpg.json")]
    [InlineData("view_000.1.json")]
    [InlineData("view_000.jpg.12.json")]
    public void Files_find_their_view_by_name(string name)
    {
        MaskSet masks = MaskArchive.Read(ZipOf.Texts((name, $"[{Annotation}]")), Views(2));

        Assert.Equal(2, masks.Views.Count);
        Assert.Equal(["view_000", "view_001"], masks.Views.Select(v => v.ViewName));
        Assert.Equal(6, Assert.Single(masks.Views[0].Masks).Area);
        Assert.Empty(masks.Views[1].Masks);
        Assert.Equal(1, masks.MaskCount);
        Assert.Equal("views-without-masks", Assert.Single(masks.Problems).Code);
    }

    [Fact]
    public void A_view_name_that_ends_in_a_number_is_not_mistaken_for_a_numbered_file()
    {
        SceneView[] views = [View("frame.1"), View("frame")];
        MaskSet masks = MaskArchive.Read(ZipOf.Texts(("frame.1.json", $"[{Annotation}]"), ("frame.2.json", $"[{Annotation},{Annotation}]")), views);

        Assert.Equal([1, 2], masks.Views.Select(v => v.Masks.Count));
    }

    [Theory]
    [InlineData("view_007.json")]
    [InlineData("view_000.x.json")]
    [InlineData("view_0001.json")]
    [InlineData("VIEW_000.json")]
    public void Masks_for_views_that_do_not_exist_are_refused_by_name(string name)
    {
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(
            ZipOf.Texts(("view_000.json", $"[{Annotation}]"), (name, "[]")), Views(2)));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("2 views are called view_000, view_001", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_that_share_a_name_are_refused_when_a_mask_asks_for_them()
    {
        SceneView[] views = [View("a") with { ImageFileName = "left/a.jpg" }, View("a") with { ImageFileName = "right/a.jpg" }];
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(
            () => MaskArchive.Read(ZipOf.Texts(("a.json", $"[{Annotation}]")), views));
        Assert.Contains("left/a.jpg, right/a.jpg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_files_and_litter_are_left_out()
    {
        MaskSet masks = MaskArchive.Read(
            ZipOf.Texts(
                ("view_000.json", $"[{Annotation}]"), ("readme.txt", "hi"), (".DS_Store", "x"), ("__MACOSX/._view_000.json", "x"), ("a/._b.json", "x")),
            Views(1));

        Assert.Equal(1, masks.MaskCount);
        Assert.Equal(["mask-files-ignored"], masks.Problems.Select(p => p.Code));
        Assert.Contains("readme.txt", masks.Problems[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("readme.txt")]
    public void A_zip_without_mask_files_is_refused(string name)
    {
        using MemoryStream zip = name.Length == 0 ? ZipOf.Files() : ZipOf.Texts((name, "hi"));
        Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(zip, Views(1)));
    }

    [Fact]
    public void Empty_masks_are_left_out_and_counted_and_nothing_but_empty_masks_is_refused()
    {
        const string empty = """{"segmentation":{"size":[3,4],"counts":[12]}}""";

        MaskSet masks = MaskArchive.Read(ZipOf.Texts(("view_000.json", $"[{empty},{Annotation},{empty}]")), Views(1));
        Assert.Equal(1, masks.MaskCount);
        Assert.Equal("2 masks have no pixel set and were left out.", masks.Problems.Single(p => p.Code == "masks-empty").Detail);

        Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(ZipOf.Texts(("view_000.json", $"[{empty}]")), Views(1)));
        Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(ZipOf.Texts(("view_000.json", "[]")), Views(1)));
        Assert.Throws<InvalidMaskException>(() => MaskArchive.Inspect(ZipOf.Texts(("view_000.json", "[]"))));
    }

    [Theory]
    [InlineData("""[{"segmentation":{"size":[3,4],"counts":[2,3,4,3]}}]""")]
    [InlineData("""[{"segmentation":{"counts":"2340","size":[3,4]},"bbox":[[1],{"a":[]}]}]""")]
    [InlineData("""{"info":{"segmentation":1},"annotations":[{"id":1,"segmentation":{"size":[3,4],"counts":"2340","x":{}}}],"more":[1,2]}""")]
    [InlineData("\uFEFF[{\"segmentation\":{\"size\":[3,4],\"counts\":\"23\\u00340\"}}]")]
    public void Sam_json_is_read_in_all_its_forms(string json)
    {
        BinaryMask mask = Assert.Single(MaskArchive.Read(ZipOf.Texts(("view_000.json", json)), Views(1)).Views[0].Masks);
        Assert.Equal([2, 5, 9, 12], mask.RunEnds.ToArray());
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[", "not valid JSON")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4],\"counts\":\"23", "not valid JSON")]
    [InlineData("[]x", "not valid JSON")]
    [InlineData("42", "begins with a number")]
    [InlineData("{}", "without \"annotations\"")]
    [InlineData("{\"annotations\":3}", "\"annotations\" is a number")]
    [InlineData("[3]", "annotation 0: The annotation is a number")]
    [InlineData("[@,{}]", "annotation 1: \"segmentation\" is missing")]
    [InlineData("[{\"segmentation\":[[1,2,3]]}]", "perhaps polygons")]
    [InlineData("[{\"segmentation\":{\"counts\":\"2340\"}}]", "\"size\" has 0 numbers")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4]}}]", "\"counts\" is missing")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4,1],\"counts\":\"2340\"}}]", "more than 2 numbers")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4.5],\"counts\":\"2340\"}}]", "not a 32-bit integer")]
    [InlineData("[{\"segmentation\":{\"size\":[3,\"4\"],\"counts\":\"2340\"}}]", "not a 32-bit integer")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4],\"counts\":12}}]", "\"counts\" is a number")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4],\"counts\":[2,9000000000]}}]", "not a 32-bit integer")]
    [InlineData("[@,@,{\"segmentation\":{\"size\":[3,4],\"counts\":[2,11]}}]", "annotation 2: The mask's runs overrun")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4],\"counts\":[2,-1,11]}}]", "length -1")]
    [InlineData("[{\"segmentation\":{\"size\":[3,4],\"counts\":\"23 0\"}}]", "Byte 2 of the counts")]
    [InlineData("[{\"segmentation\":{\"size\":[4,3],\"counts\":\"2340\"}}]", "swapped")]
    [InlineData("[{\"segmentation\":{\"size\":[99999,4],\"counts\":\"2340\"}}]", "each side must be 1 to 16384")]
    public void Wrong_json_is_refused_with_file_and_annotation(string json, string reason)
    {
        using MemoryStream zip = ZipOf.Texts(("view_000.json", json.Replace("@", Annotation, StringComparison.Ordinal)));
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(zip, Views(1)));
        Assert.StartsWith("view_000.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_longer_than_its_buffer_is_read_in_pieces()
    {
        const int count = 30;
        var json = new StringBuilder("[");
        for (int i = 0; i < count; i++)
        {
            // Noise of 200 × 100 pixels: counts strings of about 10,000 bytes.
            BinaryMask mask = BinaryMask.FromPixels(200, 100, BinaryMaskTests.Pixels(200, 100, 0.5, i));
            json.Append($"{{\"segmentation\":{{\"size\":[100,200],\"counts\":\"{CocoRle.Encode(mask).Replace("\\", "\\\\", StringComparison.Ordinal)}\"}}}},");
        }

        // And one string of about 200,000: longer than the buffer, which has to grow.
        BinaryMask large = BinaryMask.FromPixels(800, 400, BinaryMaskTests.Pixels(800, 400, 0.5, 1));
        json.Append($"{{\"segmentation\":{{\"size\":[400,800],\"counts\":\"{CocoRle.Encode(large).Replace("\\", "\\\\", StringComparison.Ordinal)}\"}}}}]");
        SceneView[] views = [View("view_000") with { Camera = View("").Camera with { Width = 200, Height = 100 } }];

        MaskSet masks = MaskArchive.Read(ZipOf.Texts(("view_000.json", json.ToString())), views);

        Assert.Equal(count + 1, masks.MaskCount);
        Assert.Equal(large.ResizedTo(200, 100).Area, masks.Views[0].Masks[count].Area);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(BinaryMaskTests.Pixels(200, 100, 0.5, i).Sum(p => p), masks.Views[0].Masks[i].Area);
        }
    }

    [Fact]
    public void Masks_at_another_resolution_come_at_the_views()
    {
        const string half = """[{"segmentation":{"size":[6,8],"counts":[0,48]}},{"segmentation":{"size":[6,8],"counts":[24,24]}}]""";
        IReadOnlyList<BinaryMask> masks = MaskArchive.Read(ZipOf.Texts(("view_000.json", half)), Views(1)).Views[0].Masks;

        Assert.All(masks, mask => Assert.Equal((Width, Height), (mask.Width, mask.Height)));
        Assert.True(masks[0].IsFull);
        Assert.Equal(6, masks[1].Area);
    }

    [Theory]
    [InlineData("|b1", (byte)1)]
    [InlineData("|u1", (byte)2)]
    [InlineData("|b1", (byte)3)]
    public void Npy_arrays_are_read(string type, byte version)
    {
        AssertPlanes(("view_000.npy", NpyBytes.Of(type, false, "(2, 3, 4)", Planes, version)));
        AssertPlanes(("view_000.npy", NpyBytes.Of(type, false, "(2, 1, 3, 4)", Planes, version)));
        AssertPlanes(
            ("view_000.1.npy", NpyBytes.Of(type, false, "(3, 4)", Planes[..12], version)),
            ("view_000.2.npy", NpyBytes.Of(type, true, "(3,4)", ColumnMajor(Planes[12..], 1), version)));
    }

    [Fact]
    public void Fortran_order_is_read()
    {
        AssertPlanes(("view_000.npy", NpyBytes.Of("|u1", true, "(2, 3, 4)", ColumnMajor(Planes, 2))));
    }

    [Fact]
    public void The_array_of_the_golden_numbers_is_read()
    {
        string path = SharedData.Require("fixtures", "scale", "masks.npy");
        Npy expected = Npy.Read(path);
        SceneView view = View("view_000") with { Camera = View("").Camera with { Width = expected.Shape[2], Height = expected.Shape[1] } };

        MaskSet masks = MaskArchive.Read(ZipOf.Files(("view_000.npy", File.ReadAllBytes(path))), [view]);

        int size = expected.Shape[1] * expected.Shape[2];
        byte[] pixels = new byte[size];
        Assert.Equal(expected.Shape[0], masks.MaskCount);
        for (int i = 0; i < masks.MaskCount; i++)
        {
            masks.Views[0].Masks[i].Decode(pixels);
            Assert.Equal(expected.Values.Skip(i * size).Take(size), pixels.Select(p => (double)p));
        }
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4)}", "'<f4'")]
    [InlineData("{'descr': [('a', '|b1')], 'fortran_order': False, 'shape': (2, 3, 4)}", "quoted text")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': (24,)}", "shape [24]")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': ()}", "shape []")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': (2, -3, 4)}", "list of sizes")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 3, 99999999999999999999)}", "list of sizes")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 30000, 30000)}", "16384")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': (5000, 3, 4)}", "at most 4096")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': (3, 3, 4)}", "ends early")]
    [InlineData("{'descr': '|b1', 'fortran_order': False, 'shape': (1, 3, 4)}", "goes on after")]
    [InlineData("{'descr': '|b1', 'fortran_order': True, 'shape': (3, 3, 4)}", "ends early")]
    [InlineData("{'descr': '|b1', 'fortran_order': True, 'shape': (1, 3, 4)}", "goes on after")]
    [InlineData("{'descr': '|b1', 'shape': (2, 3, 4)}", "missing")]
    [InlineData("{'descr': '|b1', 'fortran_order': __import__('os'), 'shape': (2, 3, 4)}", "True or False")]
    [InlineData("{'evil': '|b1'}", "'evil' is not known")]
    [InlineData("(1, 2)", "'{' was expected")]
    [InlineData("{'descr': '|b1", "quoted text")]
    public void Wrong_npy_headers_are_refused(string header, string reason)
    {
        RefusedPlanes("view_000.npy", NpyBytes.WithHeader(header, Planes), reason);
    }

    [Fact]
    public void Files_that_are_no_npy_are_refused()
    {
        RefusedPlanes("view_000.npy", [], "ends within its header");
        RefusedPlanes("view_000.npy", "PK-something else"u8.ToArray(), "signature");
        RefusedPlanes("view_000.npy", NpyBytes.Of("|b1", false, "(2, 3, 4)", Planes, version: 9), "version is 9");
        byte[] huge = NpyBytes.Of("|b1", false, "(2, 3, 4)", Planes, version: 2);
        huge[11] = 0x7F;
        RefusedPlanes("view_000.npy", huge, "claims");
    }

    [Fact]
    public void Npz_arrays_are_read()
    {
        byte[] first = NpyBytes.Of("|b1", false, "(3, 4)", Planes[..12]);
        byte[] second = NpyBytes.Of("|b1", false, "(1, 3, 4)", Planes[12..]);
        byte[] other = NpyBytes.Of("<f8", false, "(1,)", new byte[8]);

        AssertPlanes(("view_000.npz", ZipOf.Files(("arr_0.npy", first), ("arr_1.npy", second)).ToArray()));
        AssertPlanes(("view_000.npz", ZipOf.Files(("scores.npy", other), ("masks.npy", NpyBytes.Of("|b1", false, "(2, 3, 4)", Planes))).ToArray()));
        RefusedPlanes("view_000.npz", ZipOf.Files(("arr_0.npy", first), ("scores.npy", other)).ToArray(), "array scores.npy: The array's type");
        RefusedPlanes("view_000.npz", first, "not a zip archive");
    }

    [Fact]
    public void Torch_tensors_are_read()
    {
        AssertPlanes(("view_000.pt", TorchFileTests.Archive(TorchFileTests.BoolTensor, ("0", Planes)).ToArray()));
        AssertPlanes(("view_000.pt", Tensor("ByteStorage", 24, 0, [2, 3, 4], [12, 4, 1], Planes)));

        // The first two of a larger storage, and a tensor permuted from [H, W, M].
        AssertPlanes(("view_000.pt", Tensor("BoolStorage", 36, 12, [2, 3, 4], [12, 4, 1], [.. new byte[12], .. Planes])));
        byte[] masksInnermost = [.. Enumerable.Range(0, 24).Select(i => Planes[i % 2 * 12 + i / 2])];
        AssertPlanes(("view_000.pt", Tensor("BoolStorage", 24, 0, [2, 3, 4], [1, 8, 2], masksInnermost)));
    }

    [Fact]
    public void Wrong_torch_files_are_refused()
    {
        RefusedPlanes("view_000.pt", Tensor("FloatStorage", 24, 0, [2, 3, 4], [12, 4, 1], new byte[96]), "masks.bool()");
        RefusedPlanes("view_000.pt", Tensor("BoolStorage", 24, 0, [24], [1], Planes), "shape [24]");
        RefusedPlanes("view_000.pt", Tensor("BoolStorage", 24, 0, [2, 3, 4], [12, 4, 1], Planes[1..]), "23 bytes");
        RefusedPlanes("view_000.pt", Planes, "not a zip archive");
        RefusedPlanes(
            "view_000.pt", TorchFileTests.Archive(Encoding.Latin1.GetBytes("\u0080\u0002cos\nsystem\n")).ToArray(), "'os.system' at byte 2");
    }

    [Fact]
    public void Label_maps_are_read_and_several_belong_to_one_view()
    {
        byte[] labels = [0, 1, 1, 0, 0, 1, 1, 0, 9, 0, 0, 9];
        byte[] wide = new byte[24];
        labels.Select((label, i) => (label, i)).ToList().ForEach(p => BitConverter.GetBytes((ushort)(p.label * 300)).CopyTo(wide, p.i * 2));
        byte[] png8 = Png(labels, Enums.BandFormat.Uchar);
        byte[] png16 = Png(wide, Enums.BandFormat.Ushort);

        MaskSet masks = MaskArchive.Read(ZipOf.Files(("view_000.png", png8), ("view_000.1.png", png16)), Views(1));

        Assert.Equal([4, 2, 4, 2], masks.Views[0].Masks.Select(m => m.Area));
        AssertPixels([0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0], masks.Views[0].Masks[0]);
        AssertPixels([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1], masks.Views[0].Masks[3]);
    }

    [Fact]
    public void Damaged_label_maps_and_photos_are_refused()
    {
        byte[] png = Png(new byte[12], Enums.BandFormat.Uchar);

        RefusedPlanes("view_000.png", png[..^20], "");
        RefusedPlanes("view_000.png", "no image"u8.ToArray(), "");
    }

    [Fact]
    public void A_label_map_of_a_whole_view_of_one_label_is_a_full_mask()
    {
        byte[] png = Png([.. Enumerable.Repeat((byte)255, 12)], Enums.BandFormat.Uchar);
        Assert.True(MaskArchive.Read(ZipOf.Files(("view_000.png", png)), Views(1)).Views[0].Masks.Single().IsFull);
    }

    [Fact]
    public void More_masks_or_runs_than_allowed_are_refused()
    {
        using MemoryStream zip = ZipOf.Texts(("view_000.json", $"[{Annotation},{Annotation}]"), ("view_000.1.json", $"[{Annotation}]"));
        byte[] bytes = zip.ToArray();

        Assert.Equal(3, MaskArchive.Read(new MemoryStream(bytes), Views(1), new MaskReadOptions { MaxMasksPerView = 3, MaxRuns = 12 }).MaskCount);
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(
            () => MaskArchive.Read(new MemoryStream(bytes), Views(1), new MaskReadOptions { MaxMasksPerView = 2 }));
        Assert.Contains("at most 2", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidMaskException>(
            () => MaskArchive.Read(new MemoryStream(bytes), Views(1), new MaskReadOptions { MaxRunsPerView = 11 }));
        Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(new MemoryStream(bytes), Views(1), new MaskReadOptions { MaxRuns = 11 }));
    }

    [Fact]
    public void Without_views_masks_are_checked_and_counted()
    {
        (string, byte[])[] files =
        [
            ("a.json", Encoding.UTF8.GetBytes($"[{Annotation}]")), ("b.npy", NpyBytes.Of("|b1", false, "(2, 3, 4)", Planes)), ("c.txt", []),
        ];

        MaskArchiveSummary summary = MaskArchive.Inspect(ZipOf.Files(files));

        Assert.Equal((2, 3), (summary.FileCount, summary.MaskCount));
        Assert.Equal(["mask-files-ignored"], summary.Problems.Select(p => p.Code));
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(
            () => MaskArchive.Inspect(ZipOf.Files([.. files, ("d.json", "[{}]"u8.ToArray())])));
        Assert.Contains("d.json: annotation 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_can_be_read_one_by_one_and_again()
    {
        using MaskArchive archive = MaskArchive.Open(
            ZipOf.Texts(("view_001.json", $"[{Annotation}]"), ("view_000.json", $"[{Annotation},{Annotation}]")), Views(2));

        Assert.Single(archive.ReadView(1).Masks);
        Assert.Equal(2, archive.ReadView(0).Masks.Count);
        Assert.Single(archive.ReadView(1).Masks);
    }

    [Fact]
    public void Reading_can_be_cancelled()
    {
        using MemoryStream zip = ZipOf.Texts(("view_000.json", $"[{Annotation}]"));
        Assert.ThrowsAny<OperationCanceledException>(
            () => MaskArchive.Read(zip, Views(1), cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void An_unsafe_zip_is_refused()
    {
        Assert.Throws<InvalidArchiveException>(() => MaskArchive.Read(ZipOf.Texts(("../view_000.json", "[]")), Views(1)));
    }

    private static SceneView[] Views(int count) => [.. Enumerable.Range(0, count).Select(i => View($"view_{i:000}"))];

    private static SceneView View(string name) => new(
        name, new PinholeCamera(Width, Height, 4, 4, 2, 1.5, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)), $"images/{name}.jpg");

    private static void AssertPlanes(params (string Name, byte[] Content)[] files)
    {
        IReadOnlyList<BinaryMask> masks = MaskArchive.Read(ZipOf.Files(files), Views(1)).Views[0].Masks;
        Assert.Equal(2, masks.Count);
        AssertPixels(Planes[..12], masks[0]);
        AssertPixels(Planes[12..], masks[1]);
    }

    private static void AssertPixels(byte[] expected, BinaryMask mask)
    {
        byte[] pixels = new byte[expected.Length];
        mask.Decode(pixels);
        Assert.Equal(expected.Select(p => p != 0), pixels.Select(p => p != 0));
    }

    private static void RefusedPlanes(string name, byte[] content, string reason)
    {
        InvalidMaskException error = Assert.Throws<InvalidMaskException>(() => MaskArchive.Read(ZipOf.Files((name, content)), Views(1)));
        Assert.StartsWith(name + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    // [masks, 3, 4] in C order to Fortran order: the first index runs fastest.
    private static byte[] ColumnMajor(byte[] planes, int count) =>
        [.. Enumerable.Range(0, planes.Length).Select(i =>
            planes[i % count * Width * Height + i / count % Height * Width + i / count / Height])];

    private static byte[] Tensor(string storage, int elements, int offset, long[] shape, long[] strides, byte[] bytes) =>
        TorchFileTests.Archive(TorchFileTests.Pickle(storage, elements, offset, shape, strides), ("0", bytes)).ToArray();

    private static byte[] Png(byte[] pixels, Enums.BandFormat format)
    {
        using Image image = Image.NewFromMemoryCopy(pixels, Width, Height, 1, format);
        using Image labels = image.Copy(interpretation: format == Enums.BandFormat.Ushort ? Enums.Interpretation.Grey16 : Enums.Interpretation.Bw);
        return labels.PngsaveBuffer();
    }
}
