using static Saga.Tests.Onnx.OnnxGraph;

namespace Saga.Tests.Onnx;

/// <summary>
/// A model with SAM's inputs and outputs that segments by colour: the masks of a point are the pixels whose colour is near the point's, at three
/// tolerances. Its quality is how crisp the mask's border is.
/// </summary>
/// <remarks>
/// The encoder packs a 256×256 picture of mean colours into 48 of the embedding's 256 channels (4×4 pixels × 3); the decoder unpacks it. It is
/// built to catch what callers get wrong: the mask for many points, which is to be left out, is the whole picture with the highest quality; without
/// the second point of label -1 every quality is negative.
/// </remarks>
public static class ColorSam
{
    /// <summary>Distances of normalised colours up to which pixels belong to the point's, finest first. About 12, 35 and 80 grey levels.</summary>
    public static readonly float[] Tolerances = [0.35f, 1.05f, 2.4f];

    /// <summary>How the encoder is exported.</summary>
    public enum EncoderForm
    {
        /// <summary>[1, 3, 1024, 1024], called x, as the official script's branch and most exporters have it.</summary>
        Bare,

        /// <summary>[H, W, 3] with normalisation and padding inside, called input_image.</summary>
        RawChannelsLast,

        /// <summary>[3, H, W] with normalisation and padding inside.</summary>
        RawChannelsFirst,
    }

    /// <summary>How the decoder is exported.</summary>
    /// <param name="Masks">4: as the official script without --return-single-mask; 3; or 1.</param>
    /// <param name="Batches">The first dimension of points and labels is open.</param>
    /// <param name="LowMasks">It has the output low_res_masks.</param>
    /// <param name="FullMasks">It has the output masks and the input orig_im_size.</param>
    /// <param name="OpenShapes">Outputs are declared without sizes, as exporters often do.</param>
    public sealed record DecoderForm(
        int Masks = 4, bool Batches = false, bool LowMasks = true, bool FullMasks = true, bool OpenShapes = true);

    /// <summary>Writes <c>sam/encoder.onnx</c> and <c>sam/decoder.onnx</c> into a models directory.</summary>
    public static void Install(string modelsDirectory, EncoderForm encoder = EncoderForm.Bare, DecoderForm? decoder = null)
    {
        string folder = Directory.CreateDirectory(Path.Combine(modelsDirectory, "sam")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "encoder.onnx"), Encoder(encoder));
        File.WriteAllBytes(Path.Combine(folder, "decoder.onnx"), Decoder(decoder ?? new DecoderForm()));
    }

    /// <summary>The encoder.</summary>
    public static byte[] Encoder(EncoderForm form)
    {
        var graph = new OnnxGraph();
        string normalized = form switch
        {
            EncoderForm.Bare => graph.Input("x", [1, 3, 1024, 1024]),
            EncoderForm.RawChannelsLast => Preprocessed(
                graph, graph.Add("Transpose", [graph.Input("input_image", [-1, -1, 3])], Wholes("perm", 2, 0, 1))),
            _ => Preprocessed(graph, graph.Input("image", [3, -1, -1])),
        };
        string small = graph.Add("AveragePool", [normalized], Wholes("kernel_shape", 4, 4), Wholes("strides", 4, 4));
        string packed = graph.Add("SpaceToDepth", [small], Whole("blocksize", 4));
        string embedding = graph.Add("Pad", [packed, graph.Integers(0, 0, 0, 0, 0, 256 - 48, 0, 0)]);
        return graph.Output("image_embeddings", embedding, [1, 256, 64, 64]).ToBytes();
    }

    /// <summary>The decoder.</summary>
    public static byte[] Decoder(DecoderForm form)
    {
        var graph = new OnnxGraph();
        long prompts = form.Batches ? -1 : 1;
        string embedding = graph.Input("image_embeddings", [1, 256, 64, 64]);
        string points = graph.Input("point_coords", [prompts, -1, 2]);
        string labels = graph.Input("point_labels", [prompts, -1]);
        graph.Input("mask_input", [1, 1, 256, 256]);
        graph.Input("has_mask_input", [1]);

        string low = Logits(graph, embedding, points, form.Masks);
        string quality = graph.Add("Mul", [Crispness(graph, low, form.Masks), RightLabels(graph, labels)]);
        if (form.FullMasks)
        {
            string full = Enlarged(graph, low, graph.Input("orig_im_size", [2]));
            graph.Output("masks", full, [-1, -1, -1, -1]);
        }

        graph.Output("iou_predictions", quality, [prompts, form.Masks]);
        if (form.LowMasks)
        {
            graph.Output("low_res_masks", low, form.OpenShapes ? [-1, -1, -1, -1] : [prompts, form.Masks, 256, 256]);
        }

        return graph.ToBytes();
    }

    /// <summary>(pixels - mean) / deviation, zeros to the right and below up to 1024; [3, h, w] → [1, 3, 1024, 1024].</summary>
    private static string Preprocessed(OnnxGraph graph, string pixels)
    {
        string centered = graph.Add("Sub", [pixels, graph.Constant([123.675f, 116.28f, 103.53f], 3, 1, 1)]);
        string normalized = graph.Add("Div", [centered, graph.Constant([58.395f, 57.12f, 57.375f], 3, 1, 1)]);
        string missing = graph.Add("Sub", [graph.Integers(3, 1024, 1024), graph.Add("Shape", [normalized])]);
        string pads = graph.Add("Concat", [graph.Integers(0, 0, 0), missing], Whole("axis", 0));
        return graph.Add("Unsqueeze", [graph.Add("Pad", [normalized, pads]), graph.Integers(0)]);
    }

    /// <summary>8·(1 - distance/tolerance) for each prompt and mask, [prompts, masks, 256, 256], in -20..20.</summary>
    private static string Logits(OnnxGraph graph, string embedding, string points, int masks)
    {
        string channels = graph.Add("Slice", [embedding, graph.Integers(0), graph.Integers(48), graph.Integers(1)]);
        string colors = graph.Add("DepthToSpace", [channels], Whole("blocksize", 4));
        string flat = graph.Add("Reshape", [colors, graph.Integers(3, 256 * 256)]);

        // The first point of a prompt, on the 256 grid: floor((x + ½)/4).
        string first = graph.Add("Slice", [points, graph.Integers(0), graph.Integers(1), graph.Integers(1)]);
        string cell = graph.Add("Floor", [graph.Add("Div", [graph.Add("Add", [first, graph.Scalar(0.5f)]), graph.Scalar(4)])]);
        string index = graph.Add("ReduceSum", [graph.Add("Mul", [cell, graph.Constant([1f, 256f], 2)]), graph.Integers(1, 2)], Whole("keepdims", 0));
        string at = graph.Add("Cast", [index], Whole("to", Int64Type));
        string picked = graph.Add("Transpose", [graph.Add("Gather", [flat, at], Whole("axis", 1))], Wholes("perm", 1, 0));
        string asked = graph.Add("Unsqueeze", [picked, graph.Integers(2, 3)]);

        string difference = graph.Add("Sub", [colors, asked]);
        string squared = graph.Add("ReduceSum", [graph.Add("Mul", [difference, difference]), graph.Integers(1)], Whole("keepdims", 1));
        string distance = graph.Add("Sqrt", [squared]);

        // The mask for many points comes first and holds everything.
        float[] tolerances = masks switch { 4 => [1e6f, .. Tolerances], 3 => Tolerances, _ => [Tolerances[1]] };
        string relative = graph.Add("Div", [distance, graph.Constant(tolerances, 1, masks, 1, 1)]);
        string logits = graph.Add("Mul", [graph.Add("Sub", [graph.Scalar(1), relative]), graph.Scalar(8)]);
        return graph.Add("Clip", [logits, graph.Constant([-20f]), graph.Constant([20f])]);
    }

    /// <summary>Share of the pixels above -1 that are above +1, [prompts, masks].</summary>
    private static string Crispness(OnnxGraph graph, string logits, int masks)
    {
        string certain = Count(graph, logits, 1);
        string possible = Count(graph, logits, -1);
        string share = graph.Add("Div", [certain, graph.Add("Add", [possible, graph.Scalar(1e-3f)])]);

        // Crisp is nothing special: 0.8 + 0.19·share, so that 0.88 asks for a share of 0.42.
        string quality = graph.Add("Add", [graph.Add("Mul", [share, graph.Scalar(0.19f)]), graph.Scalar(0.8f)]);
        return masks == 4 ? graph.Add("Max", [quality, graph.Constant([0.995f, 0, 0, 0], 1, 4)]) : quality;
    }

    private static string Count(OnnxGraph graph, string logits, float above)
    {
        string set = graph.Add("Cast", [graph.Add("Greater", [logits, graph.Scalar(above)])], Whole("to", FloatType));
        return graph.Add("ReduceSum", [set, graph.Integers(2, 3)], Whole("keepdims", 0));
    }

    /// <summary>1 where the first label is 1 and the last -1, [prompts, 1].</summary>
    private static string RightLabels(OnnxGraph graph, string labels)
    {
        string first = graph.Add("Slice", [labels, graph.Integers(0), graph.Integers(1), graph.Integers(1)]);
        string last = graph.Add("Slice", [labels, graph.Integers(-1), graph.Integers(long.MaxValue), graph.Integers(1)]);
        return graph.Add("Neg", [graph.Add("Mul", [first, last])]);
    }

    /// <summary>As the official export enlarges: to 1024, cut to what the picture fills, to the picture's size.</summary>
    private static string Enlarged(OnnxGraph graph, string low, string size)
    {
        string leading = graph.Add("Slice", [graph.Add("Shape", [low]), graph.Integers(0), graph.Integers(2)]);
        string square = Resized(graph, low, graph.Add("Concat", [leading, graph.Integers(1024, 1024)], Whole("axis", 0)));
        string longer = graph.Add("ReduceMax", [size], Whole("keepdims", 1));
        string scaled = graph.Add("Div", [graph.Add("Mul", [size, graph.Scalar(1024)]), longer]);
        string rounded = graph.Add("Floor", [graph.Add("Add", [scaled, graph.Scalar(0.5f)])]);
        string filled = graph.Add("Cast", [rounded], Whole("to", Int64Type));
        string cut = graph.Add("Slice", [square, graph.Integers(0, 0), filled, graph.Integers(2, 3)]);
        string wanted = graph.Add("Cast", [size], Whole("to", Int64Type));
        return Resized(graph, cut, graph.Add("Concat", [leading, wanted], Whole("axis", 0)));
    }

    private static string Resized(OnnxGraph graph, string values, string sizes) => graph.Add(
        "Resize", [values, "", "", sizes], Word("mode", "linear"), Word("coordinate_transformation_mode", "pytorch_half_pixel"));
}
