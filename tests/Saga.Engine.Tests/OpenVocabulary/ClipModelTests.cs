using System.Numerics.Tensors;
using Saga.Engine.Images;
using Saga.Engine.Onnx;
using Saga.Engine.OpenVocabulary;
using Saga.Tests;
using Saga.Tests.Onnx;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class ClipModelTests
{
    [Fact]
    public void Colours_and_their_words_are_near_each_other()
    {
        using var folder = new TemporaryFolder();
        ColorClip.Write(Path.Combine(folder.Path, ClipModel.FolderName));
        using ClipModel clip = ClipModel.Open(FolderIn(folder), threads: 1);
        Assert.Equal(ColorClip.Channels, clip.Channels);
        (string Word, byte[] Color)[] things = [("red", [200, 20, 30]), ("blue", [10, 40, 180]), ("yellow", [220, 200, 20])];
        float[] embeddings = new float[things.Length * clip.Channels];
        clip.Embed([.. things.Select(thing => HalfBlack(50, thing.Color))], embeddings);
        for (int t = 0; t < things.Length; t++)
        {
            float[] text = clip.EncodeText(things[t].Word);
            int nearest = Enumerable.Range(0, things.Length).MaxBy(
                i => TensorPrimitives.CosineSimilarity<float>(text, embeddings.AsSpan(i * clip.Channels, clip.Channels)));
            Assert.Equal(t, nearest);
            Assert.Equal(1, TensorPrimitives.Norm<float>(text), 1e-5);
        }
    }

    [Fact]
    public void Negatives_are_the_plain_words_features()
    {
        using var folder = new TemporaryFolder();
        ColorClip.Write(Path.Combine(folder.Path, ClipModel.FolderName));
        using ClipModel clip = ClipModel.Open(FolderIn(folder), threads: 1);
        Assert.Equal(4 * clip.Channels, clip.Negatives.Length);
        Assert.InRange(clip.Negatives[3], 0.99f, 1.0001f);
    }

    [Fact]
    public void Pictures_are_normalised_as_published()
    {
        // Golden: (value/255 - mean) / deviation of CLIP's preprocessing, by hand.
        float[] planes = new float[3 * 4];
        ClipImages.Fill(new RgbImage(2, 2, [0, 0, 0, 255, 255, 255, 128, 128, 128, 51, 102, 204]), 2, planes);
        float[] expected =
        [
            -1.7922626f, 1.9303361f, 0.0763361f, -1.0477429f,
            -1.7520971f, 2.0748837f, 0.1688972f, -0.2213047f,
            -1.4802198f, 2.1458952f, 0.3399486f, 1.4206736f,
        ];
        for (int i = 0; i < planes.Length; i++)
        {
            Assert.Equal(expected[i], planes[i], 1e-5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(224)]
    [InlineData(1000)]
    public void Crops_of_any_size_fill_the_encoders_picture(int side)
    {
        float[] planes = new float[3 * 224 * 224];
        ClipImages.Fill(new RgbImage(side, side, [.. Enumerable.Repeat((byte)128, 3 * side * side)]), 224, planes);
        Assert.All(planes[..(224 * 224)], value => Assert.Equal(0.07633f, value, 1e-3));
    }

    [Fact]
    public void Other_models_are_refused_with_what_they_are()
    {
        using var folder = new TemporaryFolder();
        ModelFolder model = FolderIn(folder);
        ColorClip.Write(model.FullPath);
        string vision = Path.Combine(model.FullPath, "vision_model.onnx");
        string text = Path.Combine(model.FullPath, "text_model.onnx");
        (byte[] goodVision, byte[] goodText) = (File.ReadAllBytes(vision), File.ReadAllBytes(text));

        File.WriteAllBytes(vision, goodText);
        Assert.Contains("input_ids int64 [?, 77]", Refused(model), StringComparison.Ordinal);
        File.WriteAllBytes(vision, goodVision[..(goodVision.Length / 2)]);
        Assert.Contains("vision_model.onnx", Refused(model), StringComparison.Ordinal);
        File.WriteAllBytes(vision, []);
        Refused(model);
        File.WriteAllBytes(vision, [.. Enumerable.Repeat((byte)7, 1000)]);
        Refused(model);
        File.WriteAllBytes(vision, goodVision);
        File.WriteAllBytes(text, goodVision);
        Assert.Contains("expected token ids", Refused(model), StringComparison.Ordinal);
        File.WriteAllBytes(text, FiveChannels());
        Assert.Contains("4 channels", Refused(model), StringComparison.Ordinal);
        File.Delete(text);
        Assert.Contains("text_model.onnx", Assert.Throws<MissingModelException>(() => ClipModel.Open(model, threads: 1)).Message, StringComparison.Ordinal);
        Assert.False(ClipModel.IsInstalled(model));
    }

    private static byte[] FiveChannels()
    {
        var graph = new OnnxGraph();
        string ids = graph.Input("ids", [-1, 77], OnnxGraph.Int64Type);
        string floats = graph.Add("Cast", [ids], OnnxGraph.Whole("to", OnnxGraph.FloatType));
        string sum = graph.Add("ReduceSum", [floats, graph.Integers(1)]);
        return graph.Output("text_embeds", graph.Add("Expand", [sum, graph.Integers(1, 5)]), [-1, 5]).ToBytes();
    }

    private static ModelFolder FolderIn(TemporaryFolder folder) => new(folder.Path, ClipModel.FolderName);

    private static string Refused(ModelFolder folder) => Assert.Throws<InvalidOnnxModelException>(() => ClipModel.Open(folder, threads: 1)).Message;

    private static RgbImage HalfBlack(int side, byte[] color) =>
        new(side, side, [.. Enumerable.Range(0, side * side).SelectMany(p => p % side < side / 2 ? color : [0, 0, 0])]);
}
