using System.Numerics.Tensors;
using System.Security.Cryptography;
using Saga.Engine.Images;

namespace Saga.Engine.OpenVocabulary;

/// <summary>CLIP's two encoders and its vocabulary: pictures and texts as unit features of one space.</summary>
/// <remarks>
/// A folder with <c>vision_model.onnx</c> (float [n, 3, side, side] → [n, channels]), <c>text_model.onnx</c> (whole numbers [n, 77] →
/// [n, channels]; an attention mask beside them is filled), <c>vocab.json</c> and <c>merges.txt</c>, as ViT-B/16 and its kin are published.
/// Safe for use by several threads at once.
/// </remarks>
public sealed class ClipModel : IDisposable
{
    /// <summary>File names in a model folder.</summary>
    public static readonly string[] Files = ["vision_model.onnx", "text_model.onnx", "vocab.json", "merges.txt"];

    private readonly ClipEncoder _vision;
    private readonly ClipEncoder _text;
    private readonly ClipTokenizer _tokenizer;
    private readonly Lazy<float[]> _negatives;

    private ClipModel(ClipEncoder vision, ClipEncoder text, ClipTokenizer tokenizer, string fingerprint)
    {
        _vision = vision;
        _text = text;
        _tokenizer = tokenizer;
        Fingerprint = fingerprint;
        _negatives = new Lazy<float[]>(() =>
        [
            .. Relevancy.CanonicalNegatives.SelectMany(EncodePlain),
        ]);
    }

    /// <summary>SHA-256 over the image encoder: its features of other encoders cannot be compared.</summary>
    public string Fingerprint { get; }

    /// <summary>Channels of a feature.</summary>
    public int Channels => _vision.Channels;

    /// <summary>Unit features of the canonical negatives, [4, <see cref="Channels"/>].</summary>
    public ReadOnlySpan<float> Negatives => _negatives.Value;

    /// <summary>Whether a folder holds all files of a model.</summary>
    public static bool IsInstalled(string folder) => Files.All(file => File.Exists(Path.Combine(folder, file)));

    /// <summary>Opens a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="threads">Threads of one call; 0 for all cores.</param>
    /// <exception cref="InvalidVocabularyException">A file is missing, damaged, or has another interface; the message says what was found and expected.</exception>
    public static ClipModel Open(string folder, int threads = 0)
    {
        foreach (string file in Files)
        {
            if (!File.Exists(Path.Combine(folder, file)))
            {
                throw new InvalidVocabularyException($"The CLIP model has no {file}; its folder holds {string.Join(", ", Files)}.");
            }
        }

        ClipTokenizer tokenizer = ClipTokenizer.Open(Path.Combine(folder, Files[2]), Path.Combine(folder, Files[3]));
        ClipEncoder? vision = null;
        ClipEncoder? text = null;
        try
        {
            vision = ClipEncoder.OpenVision(Path.Combine(folder, Files[0]), threads);
            text = ClipEncoder.OpenText(Path.Combine(folder, Files[1]), threads);
            if (vision.Channels != text.Channels)
            {
                throw new InvalidVocabularyException(
                    $"{Files[0]} gives {vision.Channels} channels and {Files[1]} {text.Channels}; the two must be of one CLIP model.");
            }

            using FileStream file = File.OpenRead(Path.Combine(folder, Files[0]));
            return new ClipModel(vision, text, tokenizer, Convert.ToHexStringLower(SHA256.HashData(file)));
        }
        catch
        {
            vision?.Dispose();
            text?.Dispose();
            throw;
        }
    }

    /// <summary>Encodes square pictures.</summary>
    /// <param name="crops">The pictures.</param>
    /// <param name="embeddings">Receives [crops, <see cref="Channels"/>], not normalised.</param>
    public void Embed(IReadOnlyList<RgbImage> crops, Span<float> embeddings)
    {
        int side = _vision.Side;
        float[] planes = new float[crops.Count * 3 * side * side];
        for (int k = 0; k < crops.Count; k++)
        {
            ClipImages.Fill(crops[k], side, planes.AsSpan(k * 3 * side * side, 3 * side * side));
        }

        _vision.Run(planes, [crops.Count, 3, side, side], embeddings);
    }

    /// <summary>Encodes a text: the mean over the prompt templates.</summary>
    /// <param name="text">What somebody looks for.</param>
    /// <returns>Unit length, [<see cref="Channels"/>].</returns>
    public float[] EncodeText(string text)
    {
        float[] sum = new float[Channels];
        foreach (string sentence in PromptTemplates.For(text))
        {
            TensorPrimitives.Add(sum, EncodePlain(sentence), sum);
        }

        return Normalized(sum);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _vision.Dispose();
        _text.Dispose();
    }

    private float[] EncodePlain(string sentence)
    {
        float[] feature = new float[Channels];
        _text.Run(_tokenizer.Encode(sentence), [1, ClipTokenizer.ContextLength], feature);
        return Normalized(feature);
    }

    private static float[] Normalized(float[] feature)
    {
        float norm = TensorPrimitives.Norm<float>(feature);
        if (!float.IsFinite(norm) || norm == 0)
        {
            throw new InvalidVocabularyException("The text encoder answers with no direction; is its model file the published one?");
        }

        TensorPrimitives.Divide(feature, norm, feature);
        return feature;
    }
}
