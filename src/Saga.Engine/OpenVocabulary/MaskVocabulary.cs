namespace Saga.Engine.OpenVocabulary;

/// <summary>What a scene's masks look like to CLIP and to the affinity model: everything that a text query needs (§9).</summary>
/// <remarks>Immutable. Masks are in the order of the views, and of the masks in them; those without a scale are left out.</remarks>
public sealed class MaskVocabulary
{
    /// <summary>Cluster of a mask that belongs to none.</summary>
    public const int NoCluster = -1;

    /// <summary>Channels of a query feature: the affinity model's.</summary>
    public required int FeatureDimension { get; init; }

    /// <summary>Channels of an image feature: CLIP's.</summary>
    public required int EmbeddingDimension { get; init; }

    /// <summary>View of each mask, [masks].</summary>
    public required int[] Views { get; init; }

    /// <summary>Scale of each mask, quantile in [0, 1], [masks].</summary>
    public required float[] Quantiles { get; init; }

    /// <summary>
    /// A raw feature per mask that, gated at the mask's scale, has the direction of the mean gated feature of its pixels (Eq. 14),
    /// [masks, <see cref="FeatureDimension"/>].
    /// </summary>
    public required float[] Queries { get; init; }

    /// <summary>Unit image feature of each mask's crop, [masks, <see cref="EmbeddingDimension"/>].</summary>
    public required Half[] Embeddings { get; init; }

    /// <summary>Cluster of masks that show one thing, from 0, or <see cref="NoCluster"/>, [masks].</summary>
    public required int[] Clusters { get; init; }

    /// <summary>What it was made of.</summary>
    public required MaskVocabularyInfo Info { get; init; }

    /// <summary>Number of masks.</summary>
    public int Count => Views.Length;

    /// <summary>Number of clusters.</summary>
    public int ClusterCount => Count == 0 ? 0 : Clusters.Max() + 1;

    /// <summary>Bytes that the arrays take.</summary>
    public long ByteCount =>
        sizeof(int) * ((long)Views.Length + Quantiles.Length + Queries.Length + Clusters.Length) + 2L * Embeddings.Length;
}

/// <summary>What a vocabulary was made of: with other features, masks or encoders it does not fit.</summary>
/// <param name="ModelSha256">The affinity model's file, lower-case hex.</param>
/// <param name="EncoderFingerprint">The image encoder.</param>
/// <param name="MasksDropped">Masks without a scale or an empty crop.</param>
public sealed record MaskVocabularyInfo(string ModelSha256, string EncoderFingerprint, int MasksDropped);
