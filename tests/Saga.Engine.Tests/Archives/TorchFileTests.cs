using System.Runtime.InteropServices;
using System.Text;
using Saga.Engine.Archives;
using Saga.Engine.Archives.Torch;
using Saga.Tests.Masks;

namespace Saga.Tests.Archives;

/// <remarks>The pickles were written by Python's own pickler, driven with torch's persistent ids and reduce functions.</remarks>
public sealed class TorchFileTests
{
    // A bool tensor [2, 3, 4] alone.
    internal const string BoolTensor =
        "gAJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxACgoWAcAAABzdG9yYWdlcQFjdG9yY2gKQm9vbFN0b3JhZ2UKcQJYAQAAADBxA1gDAAAAY3B1cQRL"
        + "GHRxBVFLAEsCSwNLBIdxBksMSwRLAYdxB4ljY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQgpUnEJdHEKUnELLg==";

    // OrderedDict 0.weight float [4, 1], 0.bias float [4], with a _metadata attribute: the state of nn.Sequential(nn.Linear(1, 4)).
    private const string StateDictionary =
        "gAJjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBKFgIAAAAMC53ZWlnaHRxAmN0b3JjaC5fdXRpbHMKX3JlYnVpbGRfdGVuc29yX3YyCnEDKChYBwAAAHN0"
        + "b3JhZ2VxBGN0b3JjaApGbG9hdFN0b3JhZ2UKcQVYAQAAADBxBlgDAAAAY3B1cQdLBHRxCFFLAEsESwGGcQlLAUsBhnEKiWgAKVJxC3RxDFJxDVgGAAAAMC5iaWFz"
        + "cQ5oAygoaARoBVgBAAAAMXEPaAdLBHRxEFFLAEsEhXERSwGFcRKJaAApUnETdHEUUnEVdX1xFlgJAAAAX21ldGFkYXRhcRdoAClScRgoWAAAAABxGX1xGlgHAAAA"
        + "dmVyc2lvbnEbSwFzaAZ9cRxoG0sBc3VzYi4=";

    // An object whose __reduce__ is (os.system, ("touch /tmp/x",)).
    private const string ShellCommand = "gAJjcG9zaXgKc3lzdGVtCnEAWAwAAAB0b3VjaCAvdG1wL3hxAYVxAlJxAy4=";

    [Fact]
    public void A_tensor_saved_alone_is_read()
    {
        byte[] elements = [.. Enumerable.Range(0, 24).Select(i => (byte)(i % 5 == 0 ? 1 : 0))];
        using TorchFile file = TorchFile.Open(Archive(BoolTensor, ("0", elements)));

        TorchTensor tensor = Assert.Single(file.Tensors).Value;
        Assert.Equal("", file.Tensors.Keys.Single());
        Assert.Equal(TorchElementType.Bool, tensor.ElementType);
        Assert.Equal([2L, 3, 4], tensor.Shape);
        Assert.Equal(elements.Select(e => (float)e), file.ReadFloats(tensor));
    }

    [Fact]
    public void A_state_dictionary_is_read_by_name()
    {
        float[] weight = [0.5f, -1, 2, 3.25f];
        float[] bias = [1, 2, 3, float.NaN];
        using TorchFile file = TorchFile.Open(Archive(StateDictionary, ("0", Bytes(weight)), ("1", Bytes(bias))));

        Assert.Equal(["0.bias", "0.weight"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([4L, 1], file.Tensors["0.weight"].Shape);
        Assert.Equal(weight, file.ReadFloats(file.Tensors["0.weight"]));
        Assert.Equal(bias.Select(b => (double)b), file.ReadDoubles(file.Tensors["0.bias"]));
    }

    [Fact]
    public void Strides_and_offset_are_respected()
    {
        // [2, 3] of a storage of 10, transposed: strides (1, 2), from element 3.
        byte[] pickle = Pickle("IntStorage", 10, offset: 3, shape: [2, 3], strides: [1, 2]);
        using TorchFile file = TorchFile.Open(Archive(pickle, ("0", Bytes(Enumerable.Range(0, 10).ToArray()))));

        Assert.Equal([3f, 5, 7, 4, 6, 8], file.ReadFloats(file.Tensors[""]));
    }

    [Theory]
    [InlineData("CharStorage", new byte[] { 0xFE, 3 }, new double[] { -2, 3 })]
    [InlineData("ByteStorage", new byte[] { 0xFE, 3 }, new double[] { 254, 3 })]
    [InlineData("ShortStorage", new byte[] { 0xFE, 0xFF, 3, 1 }, new double[] { -2, 259 })]
    [InlineData("HalfStorage", new byte[] { 0, 0x3C, 0, 0xC0 }, new double[] { 1, -2 })]
    [InlineData("BFloat16Storage", new byte[] { 0x80, 0x3F, 0, 0xC0 }, new double[] { 1, -2 })]
    [InlineData("LongStorage", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255 }, new double[] { 1, -1 })]
    [InlineData("DoubleStorage", new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0 }, new double[] { 1, -2 })]
    public void Every_element_type_is_read(string storage, byte[] elements, double[] expected)
    {
        using TorchFile file = TorchFile.Open(Archive(Pickle(storage, 2, 0, [2], [1]), ("0", elements)));
        Assert.Equal(expected, file.ReadDoubles(file.Tensors[""]));
    }

    [Fact]
    public void A_pickle_that_calls_something_is_refused_by_name_and_offset_and_not_executed()
    {
        InvalidArchiveException error = Refused(Archive(ShellCommand));
        Assert.Contains("'posix.system' at byte 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\u0080\u0002i", "INST (0x69) at byte 2")]
    [InlineData("\u0080\u0002N\u0081", "NEWOBJ (0x81) at byte 3")]
    [InlineData("\u0080\u0002\u0093", "STACK_GLOBAL (0x93) at byte 2")]
    [InlineData("\u0080\u0002\u0082\u0001", "EXT (0x82) at byte 2")]
    [InlineData("\u0080\u0002NNR", "not to a known function")]
    [InlineData("\u0080\u0002NNb", "not a dictionary")]
    [InlineData("\u0080\u0002cbuiltins\neval\n", "'builtins.eval' at byte 2")]
    [InlineData("\u0080\u0002ctorch\nload\n", "'torch.load'")]
    [InlineData("\u0080\u0004N.", "protocol is 4")]
    [InlineData("\u0080\u0002R", "not there")]
    [InlineData("\u0080\u0002t", "mark")]
    [InlineData("\u0080\u0002h\u0005", "value 5")]
    [InlineData("\u0080\u0002X\u00FF\u00FF\u00FF\u00FF", "4294967295 bytes")]
    [InlineData("\u0080\u0002X\u00FF\u0000\u0000\u0000abc", "ends early")]
    [InlineData("\u0080\u0002\u008A\u00FF", "integer of 255 bytes")]
    [InlineData("\u0080\u0002cmodule without end", "does not end")]
    [InlineData("\u0080\u0002NQ.", "persistent id")]
    [InlineData("\u0080\u0002N.", "no tensor")]
    [InlineData("\u0080\u0002", "ends early")]
    [InlineData("\u0080\u0002]q\u0000h\u0000a.", "nested too deeply")]
    public void Foreign_and_broken_pickles_are_refused(string pickle, string reason)
    {
        InvalidArchiveException error = Refused(Archive(Encoding.Latin1.GetBytes(pickle)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24, 1, new long[] { 2, 3, 4 }, new long[] { 12, 4, 1 })]   // one past the end
    [InlineData(24, 0, new long[] { 2, 3, 4 }, new long[] { 13, 4, 1 })]
    [InlineData(4, 0, new long[] { 4000, 3, 4 }, new long[] { 0, 0, 1 })]   // expanded
    [InlineData(24, 0, new long[] { 2, 3 }, new long[] { 12, 4, 1 })]
    [InlineData(24, 0, new long[] { 65000, 65000, 65000, 65000, 65000 }, new long[] { 1, 1, 1, 1, 1 })]
    public void A_tensor_that_does_not_fit_its_storage_is_refused(int elements, int offset, long[] shape, long[] strides)
    {
        Refused(Archive(Pickle("BoolStorage", elements, offset, shape, strides), ("0", new byte[elements])));
    }

    [Fact]
    public void A_storage_of_another_length_or_none_is_refused()
    {
        using (TorchFile tooShort = TorchFile.Open(Archive(BoolTensor, ("0", new byte[23]))))
        {
            InvalidArchiveException error = Assert.Throws<InvalidArchiveException>(() => tooShort.ReadFloats(tooShort.Tensors[""]));
            Assert.Contains("23 bytes; 24 elements of type Bool are 24", error.Message, StringComparison.Ordinal);
        }

        using TorchFile missing = TorchFile.Open(Archive(BoolTensor));
        Assert.Throws<InvalidArchiveException>(() => missing.ReadFloats(missing.Tensors[""]));
    }

    [Fact]
    public void The_old_format_is_refused_with_the_way_out()
    {
        byte[] legacy = [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0, 0, 0, 0, 0, 0, 0];
        InvalidArchiveException error = Refused(new MemoryStream(legacy));
        Assert.Contains("torch.save(torch.load(path), path)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Big_endian_files_and_other_zips_are_refused()
    {
        Refused(ZipOf.Files(("archive/data.pkl", Convert.FromBase64String(BoolTensor)), ("archive/byteorder", "big"u8.ToArray())));
        Refused(ZipOf.Files(("readme.txt", [1])));
    }

    [Fact]
    public void Flipped_bytes_in_a_pickle_are_refused_or_harmless()
    {
        byte[] pickle = Convert.FromBase64String(StateDictionary);
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. pickle];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                using TorchFile file = TorchFile.Open(Archive(damaged, ("0", new byte[16]), ("1", new byte[16])));
                foreach (TorchTensor tensor in file.Tensors.Values)
                {
                    file.ReadFloats(tensor);
                }
            }
            catch (InvalidArchiveException)
            {
                // The only exception that may leave.
            }
        }
    }

    internal static MemoryStream Archive(string pickleBase64, params (string Key, byte[] Elements)[] storages) =>
        Archive(Convert.FromBase64String(pickleBase64), storages);

    internal static MemoryStream Archive(byte[] pickle, params (string Key, byte[] Elements)[] storages) => ZipOf.Files(
    [
        ("archive/data.pkl", pickle), ("archive/byteorder", "little"u8.ToArray()), ("archive/version", "3\n"u8.ToArray()),
        .. storages.Select(s => ($"archive/data/{s.Key}", s.Elements)), ("archive/.data/serialization_id", "1"u8.ToArray()),
    ]);

    /// <summary>The pickle of one tensor, as torch.save writes it.</summary>
    internal static byte[] Pickle(string storage, int elements, int offset, long[] shape, long[] strides)
    {
        var bytes = new List<byte>();
        Text("\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\nq\u0000((X\u0007\u0000\u0000\u0000storageq\u0001ctorch\n" + storage + "\nq\u0002");
        Text("X\u0001\u0000\u0000\u00000q\u0003X\u0003\u0000\u0000\u0000cpuq\u0004");
        Integer(elements);
        Text("tq\u0005Q");
        Integer(offset);
        Tuple(shape);
        Tuple(strides);
        Text("\u0089ccollections\nOrderedDict\nq\u0008)Rq\u0009tq\u000ARq\u000B.");
        return [.. bytes];

        void Text(string text) => bytes.AddRange(Encoding.Latin1.GetBytes(text));

        void Integer(long value)
        {
            bytes.Add((byte)'J');
            bytes.AddRange(BitConverter.GetBytes((int)value));
        }

        void Tuple(long[] values)
        {
            bytes.Add((byte)'(');
            Array.ForEach(values, Integer);
            bytes.Add((byte)'t');
        }
    }

    private static byte[] Bytes<T>(T[] values)
        where T : struct => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static InvalidArchiveException Refused(Stream stream) =>
        Assert.Throws<InvalidArchiveException>(() => TorchFile.Open(stream));
}
