using Saga.Engine.Masks.Generation.Sam;
using Saga.Engine.Onnx;
using Saga.Tests.Onnx;
using static Saga.Tests.Onnx.ColorSam;
using static Saga.Tests.Onnx.OnnxGraph;

namespace Saga.Engine.Tests.Masks.Generation.Sam;

/// <summary>Models that are not SAM's, or not whole, are refused with what was found and what was expected.</summary>
public sealed class SamModelTests : IDisposable
{
    private static readonly SamOptions FewPoints = new() { PointsPerSide = 2 };

    private readonly string _models = Directory.CreateTempSubdirectory("saga-sam-").FullName;

    public SamModelTests() => Install(_models, decoder: new DecoderForm(FullMasks: false));

    public void Dispose() => Directory.Delete(_models, true);

    [Theory]   // sizes of the checkpoints' encoders
    [InlineData(2_548_000_000, "ViT-H")]
    [InlineData(1_233_000_000, "ViT-L")]
    [InlineData(359_000_000, "ViT-B")]
    [InlineData(28_200_000, "MobileSAM")]
    [InlineData(650_000_000, "no size known")]
    [InlineData(0, "no size known")]
    public void Variants_are_told_apart_by_the_size_of_all_that_is_not_the_decoder(long bytes, string expected) => Assert.Contains(
        expected, SamVariant.Of([new ModelFile("decoder.onnx", 16_500_000), new("encoder.data", bytes / 2), new("encoder.onnx", bytes - bytes / 2)]));

    [Fact]
    public void A_missing_decoder_is_missing_not_wrong()
    {
        File.Delete(Path.Combine(_models, "sam", "decoder.onnx"));

        Assert.False(SamMaskGenerator.IsInstalled(new ModelFolder(_models, "sam")));
        Assert.Contains("decoder.onnx", Assert.Throws<MissingModelException>(Open).Message);
    }

    public static TheoryData<string, byte[]> Garbage => new()
    {
        { "empty", [] },
        { "text", "<html>not found</html>"u8.ToArray() },
        { "noise", [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 97 % 251))] },
        { "truncated", Encoder(EncoderForm.Bare)[..200] },
        { "last byte missing", Encoder(EncoderForm.Bare)[..^1] },
        { "tensor that claims 2^60 numbers", new OnnxGraph().Output("y", "c", [1]).ToBytes() },
        { "unknown operator", Unary("x", [1, 3, 1024, 1024], "Segmentify") },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public void What_is_no_whole_model_is_refused_without_the_runtimes_own_words(string what, byte[] file)
    {
        InvalidOnnxModelException error = Refused("encoder.onnx", file);

        Assert.False(string.IsNullOrEmpty(what));
        Assert.Contains($"sam/encoder.onnx ({file.Length} bytes) cannot be loaded", error.Message);
        Assert.DoesNotContain("ErrorCode", error.Message);
    }

    public static TheoryData<string, byte[]> WrongEncoders => new()
    {
        { "x float [1, 3, 224, 224]", Unary("x", [1, 3, 224, 224], "Identity") },
        { "x float [3, 1024]", Unary("x", [3, 1024], "Identity") },
        { "x int64 [1, 3, 1024, 1024]", Unary("x", [1, 3, 1024, 1024], "Identity", Int64Type) },
        { "x float [1, 3, 1000000, 1000000]", Unary("x", [1, 3, 1000000, 1000000], "Identity") },
        { "v float [1, 3, 1024, 1024]", Unary("x", [1, 3, 1024, 1024], "Identity") },
        { "image_embeddings float [1, 256, 64, 64]", Decoder(new DecoderForm()) },
    };

    [Theory]
    [MemberData(nameof(WrongEncoders))]
    public void An_encoder_of_another_shape_type_or_purpose_is_refused(string found, byte[] file)
    {
        string message = Refused("encoder.onnx", file).Message;

        Assert.Contains(found, message);
        Assert.Contains("SAM image encoder", message);
        Assert.Contains("float [1, 3, 1024, 1024]", message);
    }

    public static TheoryData<string, byte[]> WrongDecoders => new()
    {
        { "x float [1, 3, 1024, 1024]", Encoder(EncoderForm.Bare) },
        { "point_labels int64 [1, ?]", DecoderLike(labels: Int64Type) },
        { "point_coords float [1, ?, 3]", DecoderLike(coordinates: 3) },
        { "image_embeddings float [1, 128, 64, 64]", DecoderLike(channels: 128) },
        { "puts out low_res_masks float [1, 4, ?, ?].", DecoderLike(quality: false) },
        { "puts out iou_predictions float [1, 4].", DecoderLike(masks: false) },
        { "low_res_masks float [1, 4, 128, 128].", DecoderLike(declaredSide: 128) },
    };

    [Theory]
    [MemberData(nameof(WrongDecoders))]
    public void A_decoder_of_another_shape_or_type_or_without_an_output_is_refused(string found, byte[] file)
    {
        string message = Refused("decoder.onnx", file).Message;

        Assert.Contains(found, message);
        Assert.Contains("A SAM mask decoder takes", message);
        Assert.Contains("iou_predictions float [?, ?]", message);
    }

    [Fact]
    public void A_decoder_with_an_unknown_input_is_refused() =>
        Assert.Contains("text float [1, 77]", Refused("decoder.onnx", DecoderLike(extraInput: true)).Message);

    [Fact]
    public void Two_masks_a_point_are_not_SAMs() =>
        Assert.Contains("rates 2 masks a point", Refused("decoder.onnx", DecoderLike(count: 2)).Message);

    [Fact]
    public void Outputs_that_are_not_what_was_declared_are_refused()
    {
        string message = Refused("decoder.onnx", DecoderLike(realSide: 128)).Message;

        Assert.Contains("came out as float [1, 4, 128, 128]", message);
        Assert.Contains("float [1, 4, 256, 256] was expected", message);
    }

    [Fact]
    public void A_decoder_that_asks_for_more_memory_than_there_is_is_refused() =>
        Assert.Contains("sam/decoder.onnx failed while it ran", Refused("decoder.onnx", DecoderLike(realSide: 1L << 22)).Message);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Quality_that_is_not_finite_is_refused_on_loading(float poison) => Assert.Contains(
        "iou_predictions holds numbers that are not finite", Refused("decoder.onnx", DecoderLike(qualityValue: poison)).Message);

    [Fact]
    public void Masks_that_are_not_finite_are_refused()
    {
        Write("decoder.onnx", DecoderLike(maskValue: float.NaN));

        Assert.Contains("low_res_masks holds numbers that are not finite", RefusedGenerating().Message);
    }

    [Fact]
    public void An_embedding_that_is_not_finite_is_refused()
    {
        // log of negative numbers, as normalised dark pixels are
        var graph = new OnnxGraph();
        string logarithm = graph.Add("Log", [graph.Input("x", [1, 3, 1024, 1024])]);
        string first = graph.Add("Slice", [logarithm, graph.Integers(0), graph.Integers(1), graph.Integers(1)]);
        Write("encoder.onnx", graph.Output("y", graph.Add("Reshape", [first, graph.Integers(1, 256, 64, 64)]), [1, 256, 64, 64]).ToBytes());

        Assert.Contains("sam/encoder.onnx: y holds numbers that are not finite", RefusedGenerating().Message);
    }

    [Fact]
    public void An_open_first_dimension_that_takes_only_one_prompt_is_asked_singly()
    {
        Write("decoder.onnx", DecoderLike(openPrompts: true));
        using var decoder = SamDecoder.Load(new ModelFolder(_models, "sam"), 1, default);
        Assert.False(decoder.TakesBatches);

        Write("decoder.onnx", Decoder(new DecoderForm(Batches: true, FullMasks: false)));
        using var batched = SamDecoder.Load(new ModelFolder(_models, "sam"), 1, default);
        Assert.True(batched.TakesBatches);
    }

    private void Open() => SamMaskGenerator.Open(new ModelFolder(_models, "sam"), FewPoints).Dispose();

    private InvalidOnnxModelException Refused(string fileName, byte[] file)
    {
        Write(fileName, file);
        return Assert.Throws<InvalidOnnxModelException>(Open);
    }

    private InvalidOnnxModelException RefusedGenerating()
    {
        using SamMaskGenerator generator = SamMaskGenerator.Open(new ModelFolder(_models, "sam"), FewPoints);
        return Assert.Throws<InvalidOnnxModelException>(
            () => generator.Generate(SamFixtures.View(SamFixtures.Picture(64, 48)), default));
    }

    private void Write(string fileName, byte[] file) => File.WriteAllBytes(Path.Combine(_models, "sam", fileName), file);

    private static byte[] Unary(string input, long[] shape, string operation, int type = FloatType)
    {
        var graph = new OnnxGraph();
        return graph.Output("v", graph.Add(operation, [graph.Input(input, shape, type)]), shape, type).ToBytes();
    }

    /// <summary>A decoder of constant answers, right but for what is given.</summary>
    private static byte[] DecoderLike(
        int labels = FloatType, long coordinates = 2, long channels = 256, bool quality = true, bool masks = true, bool extraInput = false,
        int count = 4, long realSide = 256, long declaredSide = -1, float qualityValue = 0.99f, float maskValue = 1, bool openPrompts = false)
    {
        var graph = new OnnxGraph();
        long prompts = openPrompts ? -1 : 1;
        graph.Input("image_embeddings", [1, channels, 64, 64]);
        graph.Input("point_coords", [prompts, -1, coordinates]);
        graph.Input("point_labels", [prompts, -1], labels);
        graph.Input("mask_input", [1, 1, 256, 256]);
        graph.Input("has_mask_input", [1]);
        if (extraInput)
        {
            graph.Input("text", [1, 77]);
        }

        if (quality)
        {
            graph.Output("iou_predictions", graph.Constant([.. Enumerable.Repeat(qualityValue, count)], 1, count), [1, count]);
        }

        if (masks)
        {
            // The sizes depend on an input, so that the runtime cannot foresee them and trusts the declaration.
            string zero = graph.Add("Cast", ["has_mask_input"], Whole("to", Int64Type));
            string sizes = graph.Add("Add", [graph.Integers(1, count, realSide, realSide), zero]);
            string big = graph.Add("Expand", [graph.Constant([maskValue], 1, 1, 1, 1), sizes]);
            graph.Output("low_res_masks", big, [1, count, declaredSide, declaredSide]);
        }

        return graph.ToBytes();
    }
}
