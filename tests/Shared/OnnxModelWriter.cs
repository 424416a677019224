using System.Text;

namespace Saga.Tests;

/// <summary>Writes small ONNX models by hand: the few messages of its protobuf schema that a graph of standard operators needs.</summary>
internal sealed class OnnxModelWriter
{
    private const int Float = 1;
    private const int Opset = 17;

    private readonly List<byte> _graph = [];

    /// <summary>An input or output; a negative dimension is open.</summary>
    public OnnxModelWriter Input<T>(string name, params long[] shape) => ValueInfo(11, name, TypeOf<T>(), shape);

    /// <inheritdoc cref="Input"/>
    public OnnxModelWriter Output<T>(string name, params long[] shape) => ValueInfo(12, name, TypeOf<T>(), shape);

    /// <summary>A constant.</summary>
    public OnnxModelWriter Constant(string name, float[] values, params long[] shape) => Tensor(name, Float, Bytes(values), shape);

    /// <inheritdoc cref="Constant(string, float[], long[])"/>
    public OnnxModelWriter Constant(string name, long[] values, params long[] shape) => Tensor(name, TypeOf<long>(), Bytes(values), shape);

    /// <summary>An operator.</summary>
    /// <param name="type">Its name in the standard.</param>
    /// <param name="inputs">Names, separated by blanks.</param>
    /// <param name="output">The name of what it makes.</param>
    /// <param name="attributes">Whole numbers, lists of them, floats or text.</param>
    public OnnxModelWriter Node(string type, string inputs, string output, params (string Name, object Value)[] attributes)
    {
        var node = new MemoryStream();
        foreach (string input in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Text(node, 1, input);
        }

        Text(node, 2, output);
        Text(node, 4, type);
        foreach ((string name, object value) in attributes)
        {
            Message(node, 5, Attribute(name, value));
        }

        Message(1, node);
        return this;
    }

    /// <summary>The whole file.</summary>
    public byte[] ToArray()
    {
        var opset = new MemoryStream();
        Text(opset, 1, "");
        Whole(opset, 2, Opset);
        var graph = new MemoryStream();
        graph.Write([.. _graph]);
        Text(graph, 2, "test");
        var model = new MemoryStream();
        Whole(model, 1, 8);
        Message(model, 8, opset);
        Message(model, 7, graph);
        return model.ToArray();
    }

    private static int TypeOf<T>() =>
        typeof(T) == typeof(float) ? Float
        : typeof(T) == typeof(long) ? 7
        : typeof(T) == typeof(int) ? 6
        : typeof(T) == typeof(bool) ? 9
        : throw new NotSupportedException($"{typeof(T)} has no number here.");

    private OnnxModelWriter ValueInfo(int field, string name, int type, long[] shape)
    {
        var dimensions = new MemoryStream();
        for (int d = 0; d < shape.Length; d++)
        {
            var dimension = new MemoryStream();
            if (shape[d] < 0)
            {
                Text(dimension, 2, $"n{d}");
            }
            else
            {
                Whole(dimension, 1, shape[d]);
            }

            Message(dimensions, 1, dimension);
        }

        var tensor = new MemoryStream();
        Whole(tensor, 1, type);
        Message(tensor, 2, dimensions);
        var kind = new MemoryStream();
        Message(kind, 1, tensor);
        var info = new MemoryStream();
        Text(info, 1, name);
        Message(info, 2, kind);
        Message(field, info);
        return this;
    }

    private OnnxModelWriter Tensor(string name, int type, byte[] raw, long[] shape)
    {
        var tensor = new MemoryStream();
        foreach (long dimension in shape)
        {
            Whole(tensor, 1, dimension);
        }

        Whole(tensor, 2, type);
        Text(tensor, 8, name);
        Raw(tensor, 9, raw);
        Message(5, tensor);
        return this;
    }

    private static MemoryStream Attribute(string name, object value)
    {
        var attribute = new MemoryStream();
        Text(attribute, 1, name);
        switch (value)
        {
            case float number:
                attribute.WriteByte((2 << 3) | 5);
                attribute.Write(BitConverter.GetBytes(number));
                Whole(attribute, 20, 1);
                break;
            case int number:
                Whole(attribute, 3, number);
                Whole(attribute, 20, 2);
                break;
            case string text:
                Text(attribute, 4, text);
                Whole(attribute, 20, 3);
                break;
            case long[] numbers:
                Array.ForEach(numbers, number => Whole(attribute, 8, number));
                Whole(attribute, 20, 7);
                break;
            default:
                throw new NotSupportedException($"An attribute cannot be a {value.GetType()} here.");
        }

        return attribute;
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private void Message(int field, MemoryStream message)
    {
        var framed = new MemoryStream();
        Message(framed, field, message);
        _graph.AddRange(framed.ToArray());
    }

    private static void Text(Stream to, int field, string text) => Raw(to, field, Encoding.UTF8.GetBytes(text));

    private static void Message(Stream to, int field, MemoryStream message) => Raw(to, field, message.ToArray());

    private static void Raw(Stream to, int field, byte[] bytes)
    {
        Varint(to, ((ulong)field << 3) | 2);
        Varint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void Whole(Stream to, int field, long value)
    {
        Varint(to, (ulong)field << 3);
        Varint(to, (ulong)value);
    }

    private static void Varint(Stream to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            to.WriteByte((byte)(value | 0x80));
        }

        to.WriteByte((byte)value);
    }
}
