using Saga.Engine.Archives;
using Saga.Engine.Archives.Torch;

namespace Saga.Engine.Tests.Archives;

public sealed class TorchStateDictTests
{
    [Fact]
    public void Tensors_are_read_back_by_name_with_shape_and_values()
    {
        float[] weight = [1.5f, -2f, float.Epsilon, 4f, 5f, 6f];
        using var stream = new MemoryStream();
        TorchStateDict.Write(stream, "gate", [("0.weight", [3, 2], weight), ("0.bias", [1], [7f]), ("empty", [0, 4], [])]);

        using TorchFile file = TorchFile.Open(stream);

        Assert.Equal(["0.bias", "0.weight", "empty"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([3L, 2L], file.Tensors["0.weight"].Shape);
        Assert.Equal([2L, 1L], file.Tensors["0.weight"].Strides);
        Assert.Equal(TorchElementType.Float, file.Tensors["0.weight"].ElementType);
        Assert.Equal(weight, file.ReadFloats(file.Tensors["0.weight"]));
        Assert.Equal([7f], file.ReadFloats(file.Tensors["0.bias"]));
        Assert.Empty(file.ReadFloats(file.Tensors["empty"]));
    }

    [Fact]
    public void A_tensor_whose_values_do_not_fill_its_shape_is_not_written()
    {
        using var stream = new MemoryStream();

        Assert.Throws<ArgumentException>(() => TorchStateDict.Write(stream, "gate", [("a", [2, 2], new float[3])]));
        Assert.Equal(0, stream.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_385)]
    public void Numbers_are_written_as_numpy_reads_them(int count)
    {
        uint[] numbers = [.. Enumerable.Range(0, count).Select(i => uint.MaxValue - (uint)i)];
        using var stream = new MemoryStream();

        NpyFile.Write(stream, numbers);

        stream.Position = 0;
        NpyHeader header = NpyHeader.Read(stream);
        Assert.Equal(("<u4", false), (header.ElementType, header.IsColumnMajor));
        Assert.Equal([count], header.Shape);
        Assert.Equal(0, stream.Position % 64);
        byte[] rest = stream.ToArray()[(int)stream.Position..];
        Assert.Equal(numbers, Enumerable.Range(0, rest.Length / 4).Select(i => BitConverter.ToUInt32(rest, 4 * i)));
    }
}
