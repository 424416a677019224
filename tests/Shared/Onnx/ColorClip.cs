using System.Text.Json;

namespace Saga.Tests.Onnx;

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
    public static byte[] Vision()
    {
        var graph = new OnnxGraph();
        string pixels = graph.Input("pixel_values", [-1, 3, Side, Side]);
        string spread = graph.Add("Mul", [pixels, graph.Constant([0.26862954f, 0.26130258f, 0.27577711f], 1, 3, 1, 1)]);
        string colors = graph.Add("Add", [spread, graph.Constant([0.48145466f, 0.4578275f, 0.40821073f], 1, 3, 1, 1)]);
        string brightest = graph.Add("ReduceMax", [colors], OnnxGraph.Wholes("axes", 1));
        string weights = graph.Add("Cast", [graph.Add("Greater", [brightest, graph.Scalar(0.02f)])], OnnxGraph.Whole("to", OnnxGraph.FloatType));
        string sums = graph.Add("ReduceSum", [graph.Add("Mul", [colors, weights]), graph.Integers(2, 3)]);
        string counts = graph.Add("Add", [graph.Add("ReduceSum", [weights, graph.Integers(2, 3)]), graph.Scalar(1e-3f)]);
        string color = graph.Add("Div", [sums, counts]);
        string grey = graph.Add("ReduceMean", [color], OnnxGraph.Wholes("axes", 1));
        string hue = graph.Add("Div", [graph.Add("Sub", [color, grey]), graph.Add("Add", [grey, graph.Scalar(0.05f)])]);
        string anything = graph.Add("Add", [graph.Add("Mul", [grey, graph.Scalar(0)]), graph.Scalar(0.5f)]);
        string joined = graph.Add("Concat", [hue, anything], OnnxGraph.Whole("axis", 1));
        return graph.Output("image_embeds", graph.Add("Reshape", [joined, graph.Integers(0, -1)]), [-1, Channels]).ToBytes();
    }

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

        var graph = new OnnxGraph();
        string ids = graph.Input("input_ids", [-1, 77], OnnxGraph.Int64Type);
        string mask = graph.Input("attention_mask", [-1, 77], OnnxGraph.Int64Type);
        string vectors = graph.Add("Gather", [graph.Constant(table, Tokens, Channels), ids]);
        string weights = graph.Add("Unsqueeze", [graph.Add("Cast", [mask], OnnxGraph.Whole("to", OnnxGraph.FloatType)), graph.Integers(-1)]);
        string sum = graph.Add("ReduceSum", [graph.Add("Mul", [vectors, weights]), graph.Integers(1)], OnnxGraph.Whole("keepdims", 0));
        return graph.Output("text_embeds", sum, [-1, Channels]).ToBytes();
    }
}
