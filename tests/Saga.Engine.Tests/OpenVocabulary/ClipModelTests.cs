using System.Numerics.Tensors;
using Saga.Engine.Images;
using Saga.Engine.OpenVocabulary;
using Saga.Tests;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class ClipModelTests
{
    [Fact]
    public void Colours_and_their_words_are_near_each_other()
    {
        using var folder = new TemporaryFolder();
        ColorClip.Write(folder.Path);
        using ClipModel clip = ClipModel.Open(folder.Path, threads: 1);
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
        ColorClip.Write(folder.Path);
        using ClipModel clip = ClipModel.Open(folder.Path, threads: 1);
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
        ColorClip.Write(folder.Path);
        string vision = Path.Combine(folder.Path, "vision_model.onnx");
        string text = Path.Combine(folder.Path, "text_model.onnx");
        (byte[] goodVision, byte[] goodText) = (File.ReadAllBytes(vision), File.ReadAllBytes(text));

        File.WriteAllBytes(vision, goodText);
        Assert.Contains("input_ids Int64 [n, 77]", Refused(folder.Path), StringComparison.Ordinal);
        File.WriteAllBytes(vision, goodVision[..(goodVision.Length / 2)]);
        Assert.Contains("vision_model.onnx is no ONNX model", Refused(folder.Path), StringComparison.Ordinal);
        File.WriteAllBytes(vision, []);
        Refused(folder.Path);
        File.WriteAllBytes(vision, [.. Enumerable.Repeat((byte)7, 1000)]);
        Refused(folder.Path);
        File.WriteAllBytes(vision, goodVision);
        File.WriteAllBytes(text, goodVision);
        Assert.Contains("expected token ids", Refused(folder.Path), StringComparison.Ordinal);
        File.WriteAllBytes(text, new OnnxModelWriter().Input<long>("ids", -1, 77).Output<float>("text_embeds", -1, 5)
            .Constant("axis", [1], 1).Constant("five", [1, 5], 2).Node("Cast", "ids", "floats", ("to", 1))
            .Node("ReduceSum", "floats axis", "sum", ("keepdims", 1)).Node("Expand", "sum five", "text_embeds").ToArray());
        Assert.Contains("4 channels", Refused(folder.Path), StringComparison.Ordinal);
        File.Delete(text);
        Assert.Contains("has no text_model.onnx", Refused(folder.Path), StringComparison.Ordinal);
        Assert.False(ClipModel.IsInstalled(folder.Path));
    }

    private static string Refused(string folder) => Assert.Throws<InvalidVocabularyException>(() => ClipModel.Open(folder, threads: 1)).Message;

    private static RgbImage HalfBlack(int side, byte[] color) =>
        new(side, side, [.. Enumerable.Range(0, side * side).SelectMany(p => p % side < side / 2 ? color : [0, 0, 0])]);
}
