using Saga.Cli.CommandLine;
using Saga.Cli.Models;
using Saga.Tests.Onnx;

namespace Saga.Cli.Tests.Models;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly string _models = Directory.CreateTempSubdirectory("saga-models-").FullName;

    public void Dispose() => Directory.Delete(_models, true);

    [Fact]
    public void Nothing_installed_is_no_fault_and_says_how_to_install()
    {
        (int code, string text) = Run();

        Assert.Equal(0, code);
        Assert.Contains(_models, text);
        Assert.Contains("not installed", text);
        Assert.Contains("facebookresearch/segment-anything", text);
        Assert.Contains("export_onnx_model.py", text);
    }

    [Fact]
    public void An_installed_model_is_tried_and_described()
    {
        ColorSam.Install(_models);

        (int code, string text) = Run();

        Assert.Equal(0, code);
        Assert.Contains("x float [1, 3, 1024, 1024] → image_embeddings float [1, 256, 64, 64]", text);
        Assert.Contains("3 masks a point, one point a run, at 256×256", text);
        Assert.Contains("runs on    CPU, ", text);
        Assert.Matches("sha-256    [0-9a-f]{64}", text);
        Assert.Contains("  right", text.Split("clip: ")[0]);
    }

    [Fact]
    public void Clip_is_tried_and_described_beside_it()
    {
        ColorClip.Write(Path.Combine(_models, "clip"));

        (int code, string text) = Run();

        Assert.Equal(0, code);
        string clip = text.Split("clip: ")[1];
        Assert.Contains("vision_model.onnx", clip);
        Assert.Contains($"channels   {ColorClip.Channels}", clip);
        Assert.EndsWith("  right", clip.TrimEnd());
    }

    [Theory]
    [InlineData("text_model.onnx")]
    [InlineData("merges.txt")]
    public void An_incomplete_clip_is_a_fault_that_names_the_file(string file)
    {
        ColorClip.Write(Path.Combine(_models, "clip"));
        File.Delete(Path.Combine(_models, "clip", file));

        (int code, string text) = Run();

        Assert.Equal(1, code);
        Assert.Contains("WRONG", text);
        Assert.Contains(file, text.Split("WRONG")[1].Split('\n')[0]);
    }

    [Fact]
    public void A_model_without_its_decoder_is_a_fault_that_names_the_file()
    {
        ColorSam.Install(_models);
        File.Delete(Path.Combine(_models, "sam", "decoder.onnx"));

        (int code, string text) = Run();

        Assert.Equal(1, code);
        Assert.Contains("WRONG", text);
        Assert.Contains("decoder.onnx is not in", text);
    }

    [Fact]
    public void A_wrong_model_is_a_fault_that_says_what_was_expected()
    {
        ColorSam.Install(_models);
        string folder = Path.Combine(_models, "sam");
        File.Copy(Path.Combine(folder, "decoder.onnx"), Path.Combine(folder, "encoder.onnx"), true);

        (int code, string text) = Run();

        Assert.Equal(1, code);
        Assert.Contains("A SAM image encoder takes one input", text);
    }

    [Fact]
    public void A_decoder_for_the_best_mask_only_is_right_with_a_note()
    {
        ColorSam.Install(_models, decoder: new ColorSam.DecoderForm(Masks: 1));

        (int code, string text) = Run();

        Assert.Equal(0, code);
        Assert.Contains("--return-single-mask", text);
    }

    [Fact]
    public void Unknown_arguments_are_refused() =>
        Assert.Throws<UsageException>(() => ModelsCommand.Run(["--download"], TextWriter.Null, default));

    private (int Code, string Text) Run()
    {
        var output = new StringWriter();
        int code = ModelsCommand.Run(["--directory", _models], output, default);
        return (code, output.ToString());
    }
}
