using System.Text.Json;

namespace Saga.Tests;

/// <summary>
/// A model with CLIP's exact interface that knows colours: a picture is the mean colour of what is not black in it, a text the colours that it
/// names. Its vocabulary is the part of CLIP's own that the golden texts need.
/// </summary>
internal static class ColorClip
{
    public const int Channels = 4;
    public const int Side = 32;

    private const int Tokens = 49408;

    // Red, green and blue beside grey; the last channel says «anything».
    private static readonly Dictionary<string, float[]> Words = new()
    {
        ["red</w>"] = [2, -1, -1, 0],
        ["green</w>"] = [-1, 2, -1, 0],
        ["blue</w>"] = [-1, -1, 2, 0],
        ["yellow</w>"] = [1, 1, -2, 0],
        ["object</w>"] = [0, 0, 0, 1],
        ["things</w>"] = [0, 0, 0, 1],
        ["stuff</w>"] = [0, 0, 0, 1],
        ["texture</w>"] = [0, 0, 0, 1],
    };

    /// <summary>Writes the four files of a model folder.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        JsonElement golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
            SharedData.RepositoryRoot, "tests", "Saga.Engine.Tests", "OpenVocabulary", "Fixtures", "clip_tokens.json"))).RootElement;
        JsonElement vocabulary = golden.GetProperty("vocabulary");
        File.WriteAllText(Path.Combine(folder, "vocab.json"), vocabulary.GetRawText());
        File.WriteAllLines(Path.Combine(folder, "merges.txt"), ["#version: 0.2", .. golden.GetProperty("merges").Deserialize<string[]>()!]);
        File.WriteAllBytes(Path.Combine(folder, "vision_model.onnx"), Vision());
        File.WriteAllBytes(Path.Combine(folder, "text_model.onnx"), Text(vocabulary));
    }

    /// <summary>Undoes CLIP's normalisation, takes the mean of pixels that are not black, and how it differs from grey, whatever its brightness.</summary>
    public static byte[] Vision() => new OnnxModelWriter()
        .Input<float>("pixel_values", -1, 3, Side, Side)
        .Output<float>("image_embeds", -1, Channels)
        .Constant("deviation", [0.26862954f, 0.26130258f, 0.27577711f], 1, 3, 1, 1)
        .Constant("mean", [0.48145466f, 0.4578275f, 0.40821073f], 1, 3, 1, 1)
        .Constant("black", [0.02f])
        .Constant("little", [1e-3f])
        .Constant("anything", [0.5f])
        .Constant("flat", [0, -1], 2)
        .Node("Mul", "pixel_values deviation", "spread")
        .Node("Add", "spread mean", "colors")
        .Node("ReduceMax", "colors", "brightest", ("axes", new long[] { 1 }), ("keepdims", 1))
        .Node("Greater", "brightest black", "seen")
        .Node("Cast", "seen", "weights", ("to", 1))
        .Node("Mul", "colors weights", "weighted")
        .Node("ReduceSum", "weighted space", "sums", ("keepdims", 1))
        .Node("ReduceSum", "weights space", "counts", ("keepdims", 1))
        .Constant("space", [2, 3], 2)
        .Node("Add", "counts little", "divisors")
        .Node("Div", "sums divisors", "color")
        .Node("ReduceMean", "color", "grey", ("axes", new long[] { 1 }), ("keepdims", 1))
        .Node("Sub", "color grey", "difference")
        .Constant("dark", [0.05f])
        .Node("Add", "grey dark", "brightness")
        .Node("Div", "difference brightness", "hue")
        .Node("Mul", "grey zero", "nothing")
        .Constant("zero", [0f])
        .Node("Add", "nothing anything", "other")
        .Node("Concat", "hue other", "joined", ("axis", 1))
        .Node("Reshape", "joined flat", "image_embeds")
        .ToArray();

    /// <summary>The sum of the words' vectors.</summary>
    public static byte[] Text(JsonElement vocabulary)
    {
        float[] table = new float[Tokens * Channels];
        for (int token = 0; token < Tokens; token++)
        {
            table[token * Channels + 3] = 1e-4f;
        }

        foreach ((string word, float[] vector) in Words)
        {
            if (vocabulary.TryGetProperty(word, out JsonElement id))
            {
                vector.CopyTo(table, id.GetInt32() * Channels);
            }
        }

        return new OnnxModelWriter()
            .Input<long>("input_ids", -1, 77)
            .Input<long>("attention_mask", -1, 77)
            .Output<float>("text_embeds", -1, Channels)
            .Constant("table", table, Tokens, Channels)
            .Constant("words", [1], 1)
            .Constant("last", [-1], 1)
            .Node("Gather", "table input_ids", "vectors")
            .Node("Cast", "attention_mask", "weights", ("to", 1))
            .Node("Unsqueeze", "weights last", "column")
            .Node("Mul", "vectors column", "weighted")
            .Node("ReduceSum", "weighted words", "text_embeds", ("keepdims", 0))
            .ToArray();
    }
}
