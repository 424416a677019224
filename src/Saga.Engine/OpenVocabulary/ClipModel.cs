using System.Numerics.Tensors;
using System.Security.Cryptography;
using Saga.Engine.Images;
using Saga.Engine.Onnx;

namespace Saga.Engine.OpenVocabulary;

/// <summary>CLIP's two encoders and its vocabulary: pictures and texts as unit features of one space.</summary>
/// <remarks>
/// A folder with <c>vision_model.onnx</c> (float [n, 3, side, side] → [n, channels]), <c>text_model.onnx</c> (whole numbers [n, 77] →
/// [n, channels]; an attention mask beside them is filled), <c>vocab.json</c> and <c>merges.txt</c>, as ViT-B/16 and its kin are published.
/// Safe for use by several threads at once.
/// </remarks>
public sealed class ClipModel : IDisposable
{
    /// <summary>The model's folder among the models.</summary>
    public const string FolderName = "clip";

    /// <summary>The files that a model folder holds.</summary>
    public static readonly string[] Files = [VisionFile, TextFile, VocabularyFile, MergesFile];

    private const string VisionFile = "vision_model.onnx";
    private const string TextFile = "text_model.onnx";
    private const string VocabularyFile = "vocab.json";
    private const string MergesFile = "merges.txt";

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
        _negatives = new Lazy<float[]>(() => [.. Relevancy.CanonicalNegatives.SelectMany(EncodePlain)]);
    }

    /// <summary>SHA-256 of the image encoder's file: features of another one cannot be compared.</summary>
    public string Fingerprint { get; }

    /// <summary>Channels of a feature.</summary>
    public int Channels => _vision.Channels;

    /// <summary>What the encoders run on, e.g. <c>CPU, 2 threads</c>.</summary>
    public string Provider => _vision.Provider;

    /// <summary>Unit features of the canonical negatives, [4, <see cref="Channels"/>].</summary>
    public ReadOnlySpan<float> Negatives => _negatives.Value;

    /// <summary>Whether a folder holds all files of a model.</summary>
    public static bool IsInstalled(ModelFolder folder) => Files.All(folder.Has);

    /// <summary>Opens a model.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="threads">Threads of one call; 0 for all cores.</param>
    /// <exception cref="MissingModelException">A file is missing.</exception>
    /// <exception cref="InvalidOnnxModelException">An encoder is damaged or has another interface; the message says what was found and expected.</exception>
    /// <exception cref="InvalidVocabularyException">The vocabulary is damaged or not CLIP's.</exception>
    public static ClipModel Open(ModelFolder folder, int threads = 0)
    {
        var tokenizer = ClipTokenizer.Open(folder.PathOf(VocabularyFile), folder.PathOf(MergesFile));
        ClipEncoder? vision = null;
        ClipEncoder? text = null;
        try
        {
            vision = ClipEncoder.OpenVision(folder, VisionFile, threads);
            text = ClipEncoder.OpenText(folder, TextFile, threads);
            if (vision.Channels != text.Channels)
            {
                throw new InvalidOnnxModelException(
                    $"{VisionFile} gives {vision.Channels} channels and {TextFile} {text.Channels}; the two must be of one CLIP model.");
            }

            using FileStream file = File.OpenRead(folder.PathOf(VisionFile));
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
        int size = 3 * _vision.Side * _vision.Side;
        float[] planes = new float[crops.Count * size];
        for (int k = 0; k < crops.Count; k++)
        {
            ClipImages.Fill(crops[k], _vision.Side, planes.AsSpan(k * size, size));
        }

        _vision.Run(planes, embeddings);
    }

    /// <summary>Encodes a text: the mean over the prompt templates.</summary>
    /// <param name="text">What somebody looks for.</param>
    /// <returns>Unit length, [<see cref="Channels"/>].</returns>
    /// <exception cref="InvalidOnnxModelException">The encoder answers with no direction.</exception>
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
        _text.Run(_tokenizer.Encode(sentence), feature);
        return Normalized(feature);
    }

    private static float[] Normalized(float[] feature)
    {
        float norm = TensorPrimitives.Norm<float>(feature);
        if (!float.IsFinite(norm) || norm == 0)
        {
            throw new InvalidOnnxModelException("The text encoder answers with no direction; is its model file the published one?");
        }

        TensorPrimitives.Divide(feature, norm, feature);
        return feature;
    }
}
