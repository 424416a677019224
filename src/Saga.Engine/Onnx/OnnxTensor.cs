using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Saga.Engine.Onnx;

/// <summary>An input or output as a model declares it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Type of an element.</param>
/// <param name="Shape">Size of each dimension; -1 where it is open.</param>
internal sealed record OnnxTensor(string Name, TensorElementType ElementType, IReadOnlyList<int> Shape)
{
    /// <summary>Number of dimensions.</summary>
    public int Rank => Shape.Count;

    /// <summary>True when tensors of a shape can go through: same rank, and each size equal, or open on either side (-1).</summary>
    public bool Fits(params ReadOnlySpan<int> shape)
    {
        if (shape.Length != Rank)
        {
            return false;
        }

        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] >= 0 && Shape[i] >= 0 && shape[i] != Shape[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>For messages: <c>x float [?, 3, 1024, 1024]</c>.</summary>
    public override string ToString() => $"{Name} {ElementType.ToString().ToLowerInvariant()} [{Sizes(Shape)}]";

    /// <summary>For messages: sizes with commas, ? where open.</summary>
    public static string Sizes(IEnumerable<int> shape) =>
        string.Join(", ", shape.Select(size => size < 0 ? "?" : FormattableString.Invariant($"{size}")));

    /// <summary>Several of them, for messages.</summary>
    public static string List(IEnumerable<OnnxTensor> tensors) => string.Join("; ", tensors);

    /// <summary>Reads a session's declaration. What is no tensor (a sequence, a map) has type <c>Undefined</c> and no dimensions.</summary>
    public static OnnxTensor From(string name, NodeMetadata metadata) => metadata.IsTensor
        ? new OnnxTensor(name, metadata.ElementDataType, metadata.Dimensions)
        : new OnnxTensor(name, TensorElementType.DataTypeMax, []);
}
