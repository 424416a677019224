using System.Runtime.InteropServices;

namespace Saga.Tests.Onnx;

/// <summary>Builds an ONNX model (opset 17) operator by operator; field numbers are those of onnx.proto.</summary>
internal sealed class OnnxGraph
{
    public const int FloatType = 1;
    public const int Int64Type = 7;
    public const int BoolType = 9;
    private const int Opset = 17;

    private readonly List<Protobuf> _nodes = [];
    private readonly List<Protobuf> _constants = [];
    private readonly List<Protobuf> _inputs = [];
    private readonly List<Protobuf> _outputs = [];
    private int _names;

    /// <summary>Declares an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Sizes; -1 is open.</param>
    /// <param name="type">Element type.</param>
    public string Input(string name, long[] shape, int type = FloatType)
    {
        _inputs.Add(Declaration(name, shape, type));
        return name;
    }

    /// <summary>Declares a value as output, under a name of its own.</summary>
    public OnnxGraph Output(string name, string value, long[] shape, int type = FloatType)
    {
        _nodes.Add(NodeOf("Identity", [value], [name]));
        _outputs.Add(Declaration(name, shape, type));
        return this;
    }

    public string Constant(float[] values, params long[] shape) => Constant(MemoryMarshal.AsBytes<float>(values), FloatType, shape);

    public string Constant(long[] values, params long[] shape) => Constant(MemoryMarshal.AsBytes<long>(values), Int64Type, shape);

    /// <summary>A vector of whole numbers, as axes and sizes are given.</summary>
    public string Integers(params long[] values) => Constant(values, values.Length);

    /// <summary>A single number.</summary>
    public string Scalar(float value) => Constant([value], 1);

    /// <summary>Adds an operator.</summary>
    /// <param name="type">e.g. <c>Add</c>.</param>
    /// <param name="inputs">Names of its inputs; empty where one is left out.</param>
    /// <param name="attributes">From <see cref="Whole"/>, <see cref="Wholes"/>, <see cref="Word"/>.</param>
    /// <returns>The name of its output.</returns>
    public string Add(string type, string[] inputs, params Protobuf[] attributes)
    {
        string output = $"v{_names++}";
        _nodes.Add(NodeOf(type, inputs, [output], attributes));
        return output;
    }

    public static Protobuf Whole(string name, long value) => new Protobuf().Text(1, name).Number(3, value).Number(20, 2);

    public static Protobuf Word(string name, string value) => new Protobuf().Text(1, name).Text(4, value).Number(20, 3);

    public static Protobuf Wholes(string name, params long[] values)
    {
        Protobuf attribute = new Protobuf().Text(1, name);
        foreach (long value in values)
        {
            attribute.Number(8, value);
        }

        return attribute.Number(20, 7);
    }

    public byte[] ToBytes()
    {
        Protobuf graph = new Protobuf().Messages(1, _nodes).Text(2, "test").Messages(5, _constants)
            .Messages(11, _inputs).Messages(12, _outputs);
        return new Protobuf().Number(1, 8).Text(2, "saga-tests").Message(7, graph)
            .Message(8, new Protobuf().Number(2, Opset)).ToArray();
    }

    private string Constant(ReadOnlySpan<byte> bytes, int type, long[] shape)
    {
        string name = $"c{_names++}";
        Protobuf tensor = new();
        foreach (long size in shape)
        {
            tensor.Number(1, size);
        }

        _constants.Add(tensor.Number(2, type).Text(8, name).Bytes(9, bytes));
        return name;
    }

    private static Protobuf NodeOf(string type, string[] inputs, string[] outputs, params Protobuf[] attributes)
    {
        Protobuf node = new();
        foreach (string input in inputs)
        {
            node.Text(1, input);
        }

        foreach (string output in outputs)
        {
            node.Text(2, output);
        }

        return node.Text(4, type).Messages(5, attributes);
    }

    private static Protobuf Declaration(string name, long[] shape, int type)
    {
        Protobuf sizes = new();
        for (int i = 0; i < shape.Length; i++)
        {
            sizes.Message(1, shape[i] < 0 ? new Protobuf().Text(2, $"{name}_{i}") : new Protobuf().Number(1, shape[i]));
        }

        Protobuf tensor = new Protobuf().Number(1, type).Message(2, sizes);
        return new Protobuf().Text(1, name).Message(2, new Protobuf().Message(1, tensor));
    }
}
