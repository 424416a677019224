using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Saga.Engine.Onnx;

/// <summary>Checks what models answer before anyone reads it.</summary>
internal static class OnnxValues
{
    /// <summary>The numbers of a float tensor, without copying; valid while the value lives.</summary>
    /// <param name="value">An output.</param>
    /// <param name="what">For messages: model and output.</param>
    /// <param name="shape">The shape it must have; -1 where any size will do.</param>
    /// <exception cref="InvalidOnnxModelException">Another type or shape.</exception>
    public static ReadOnlySpan<float> Floats(OrtValue value, string what, params ReadOnlySpan<int> shape)
    {
        if (!value.IsTensor)
        {
            throw new InvalidOnnxModelException($"{what} is no tensor; float [{OnnxTensor.Sizes(shape.ToArray())}] was expected.");
        }

        OrtTensorTypeAndShapeInfo found = value.GetTensorTypeAndShape();
        var actual = new OnnxTensor(what, found.ElementDataType, [.. found.Shape.Select(size => (int)Math.Min(size, int.MaxValue))]);
        return found.ElementDataType == TensorElementType.Float && actual.Fits(shape)
            ? value.GetTensorDataAsSpan<float>()
            : throw new InvalidOnnxModelException(
                $"{what} came out as {found.ElementDataType.ToString().ToLowerInvariant()} [{OnnxTensor.Sizes(actual.Shape)}]; "
                + $"float [{OnnxTensor.Sizes(shape.ToArray())}] was expected. The model is not what it declares to be; export it again.");
    }

    /// <summary>Refuses NaN and infinities.</summary>
    /// <param name="values">Numbers of an output.</param>
    /// <param name="what">For the message: model and output.</param>
    /// <exception cref="InvalidOnnxModelException">A number is not finite.</exception>
    public static void RequireFinite(ReadOnlySpan<float> values, string what)
    {
        // x - x is 0 for finite numbers and NaN for all others, and NaN stays in a sum.
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var lanes = new Vector<float>(values[i..]);
            sum += lanes - lanes;
        }

        float rest = Vector.Sum(sum);
        for (; i < values.Length; i++)
        {
            rest += values[i] - values[i];
        }

        if (rest != 0)
        {
            throw new InvalidOnnxModelException(
                $"{what} holds numbers that are not finite; the model is damaged or was converted to a precision too low. Export it again in float32.");
        }
    }
}
