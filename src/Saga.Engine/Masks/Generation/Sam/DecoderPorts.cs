using Microsoft.ML.OnnxRuntime.Tensors;
using Saga.Engine.Onnx;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>Which inputs and outputs of an exported decoder are which.</summary>
/// <param name="Embedding">[1, 256, 64, 64]: the picture.</param>
/// <param name="Points">[prompts, points, 2]: x and y in the encoder's square.</param>
/// <param name="Labels">[prompts, points]: 1 for a point on the object, -1 for a point that is none.</param>
/// <param name="MaskInput">[1, 1, 256, 256]: a mask to refine, not used here. Absent in some exports.</param>
/// <param name="HasMask">[1]: 0, as there is none. Absent in some exports.</param>
/// <param name="PictureSize">[2]: height and width to enlarge masks to. Absent where the decoder does not enlarge.</param>
/// <param name="Quality">[prompts, masks]: predicted IoU.</param>
/// <param name="LowMasks">[prompts, masks, 256, 256]: logits. Absent in some exports.</param>
/// <param name="FullMasks">[prompts, masks, height, width]: logits, enlarged. Absent where the decoder does not enlarge.</param>
internal sealed record DecoderPorts(
    OnnxTensor Embedding, OnnxTensor Points, OnnxTensor Labels, OnnxTensor? MaskInput, OnnxTensor? HasMask, OnnxTensor? PictureSize,
    OnnxTensor Quality, OnnxTensor? LowMasks, OnnxTensor? FullMasks)
{
    private const int MaskSide = SamFrame.MaskSide;

    /// <summary>True when the export leaves the number of prompts open.</summary>
    public bool TakesBatches => Points.Shape[0] < 0 && Labels.Shape[0] < 0;

    /// <summary>
    /// Finds them: by shape, and where open dimensions leave several possible by what the name contains, as the official export script
    /// names them.
    /// </summary>
    /// <exception cref="InvalidOnnxModelException">Something is missing, left over or of another type.</exception>
    public static DecoderPorts Of(OnnxModel model)
    {
        List<OnnxTensor> inputs = [.. model.Inputs];
        List<OnnxTensor> outputs = [.. model.Outputs];

        // The most particular shapes first: what they take is out of the way of the others.
        OnnxTensor? points = Take(inputs, "coord", -1, -1, 2);
        OnnxTensor? labels = Take(inputs, "label", -1, -1);
        OnnxTensor? embedding = Take(inputs, "embed", 1, 256, 64, 64);
        OnnxTensor? maskInput = Take(inputs, "mask", 1, 1, MaskSide, MaskSide);
        OnnxTensor? hasMask = Take(inputs, "mask", 1);
        OnnxTensor? pictureSize = Take(inputs, "size", 2);
        OnnxTensor? quality = Take(outputs, "iou", -1, -1);
        OnnxTensor? lowMasks = Take(outputs, "low", -1, -1, MaskSide, MaskSide, exceptOpen: true);
        OnnxTensor? fullMasks = Take(outputs, "mask", -1, -1, -1, -1);

        // Enlarged to every picture's size, so they have none of their own.
        fullMasks = fullMasks is { Shape: [.., < 0, < 0] } ? fullMasks : null;
        if (points is null || labels is null || embedding is null || quality is null || (lowMasks ?? fullMasks) is null || inputs.Count > 0)
        {
            throw Wrong(model);
        }

        return new DecoderPorts(embedding, points, labels, maskInput, hasMask, pictureSize, quality, lowMasks, fullMasks);
    }

    private static OnnxTensor? Take(List<OnnxTensor> from, string nameHint, params ReadOnlySpan<int> shape) =>
        Take(from, nameHint, shape, false);

    private static OnnxTensor? Take(
        List<OnnxTensor> from, string nameHint, int first, int second, int third, int fourth, bool exceptOpen) =>
        Take(from, nameHint, [first, second, third, fourth], exceptOpen);

    /// <param name="from">Declared tensors that are not taken yet; the one found is removed.</param>
    /// <param name="nameHint">Part of the official name.</param>
    /// <param name="shape">Shape it must fit.</param>
    /// <param name="exceptOpen">Without the hint in its name, sizes that the shape gives must be declared.</param>
    private static OnnxTensor? Take(List<OnnxTensor> from, string nameHint, ReadOnlySpan<int> shape, bool exceptOpen)
    {
        OnnxTensor? best = null;
        bool bestIsNamed = false;
        foreach (OnnxTensor tensor in from)
        {
            bool named = tensor.Name.Contains(nameHint, StringComparison.OrdinalIgnoreCase);
            if (tensor.ElementType == TensorElementType.Float && tensor.Fits(shape) && (named || !exceptOpen || Declares(tensor, shape))
                && (best is null || (named && !bestIsNamed)))
            {
                best = tensor;
                bestIsNamed = named;
            }
        }

        if (best is not null)
        {
            from.Remove(best);
        }

        return best;
    }

    private static bool Declares(OnnxTensor tensor, ReadOnlySpan<int> shape)
    {
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] >= 0 && tensor.Shape[i] != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    private static InvalidOnnxModelException Wrong(OnnxModel model) => new(
        $"{model.Name} takes {OnnxTensor.List(model.Inputs)} and puts out {OnnxTensor.List(model.Outputs)}. A SAM mask decoder takes "
        + "image_embeddings float [1, 256, 64, 64], point_coords float [1, ?, 2], point_labels float [1, ?], "
        + "mask_input float [1, 1, 256, 256], has_mask_input float [1] and orig_im_size float [2], and puts out masks float [?, ?, ?, ?], iou_predictions float [?, ?] and "
        + "low_res_masks float [?, ?, 256, 256]; export it with the official script (docs/models.md).");
}
