using System.Buffers.Binary;

namespace Saga.Engine.OpenVocabulary;

/// <content>Saving what was made so far.</content>
public sealed partial class VocabularyBuilder
{
    /// <summary>Writes the views added so far.</summary>
    /// <param name="stream">Receives them; not closed.</param>
    public void SaveCheckpoint(Stream stream)
    {
        Span<byte> next = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(next, NextView);
        stream.Write(next);
        int[] none = new int[MaskCount];
        Array.Fill(none, MaskVocabulary.NoCluster);
        MaskVocabularyFile.Write(stream, With(none));
    }

    /// <summary>Takes up what an earlier builder wrote, of the same scene, model, encoder and masks; nothing may have been added before.</summary>
    /// <param name="stream">What <see cref="SaveCheckpoint"/> wrote, to its end; seekable.</param>
    /// <exception cref="InvalidVocabularyException">Damaged, or of another model or encoder; the builder is as it was.</exception>
    public void Restore(Stream stream)
    {
        Span<byte> next = stackalloc byte[sizeof(int)];
        if (stream.ReadAtLeast(next, next.Length, false) < next.Length)
        {
            throw new InvalidVocabularyException("The checkpoint ends too early.");
        }

        MaskVocabulary saved = MaskVocabularyFile.Read(stream, "The checkpoint");
        int view = BinaryPrimitives.ReadInt32LittleEndian(next);
        if (saved.Info.ModelSha256 != _info.ModelSha256 || saved.Info.EncoderFingerprint != _info.EncoderFingerprint
            || saved.FeatureDimension != _model.Dimension || saved.EmbeddingDimension != _embeddingDimension
            || view < 0 || saved.Views.Any(v => v < 0 || v >= view))
        {
            throw new InvalidVocabularyException("The checkpoint is of another model or image encoder.");
        }

        NextView = view;
        _views.AddRange(saved.Views);
        _quantiles.AddRange(saved.Quantiles);
        _queries.AddRange(saved.Queries);
        _embeddings.AddRange(saved.Embeddings);
        _info = saved.Info;
    }
}
