using System.Numerics.Tensors;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.OpenVocabulary;

/// <summary>Computes unit image features of square pictures.</summary>
/// <param name="crops">The pictures, at most <see cref="VocabularyBuilder.BatchSize"/>.</param>
/// <param name="embeddings">Receives [crops, channels].</param>
public delegate void EmbedImages(IReadOnlyList<RgbImage> crops, Span<float> embeddings);

/// <summary>Makes the vocabulary of a scene, view by view (§9): what each mask is to the affinity model and what it looks like to CLIP.</summary>
/// <remarks>
/// One view's photo is decoded at a time, and the crops of a batch; masks stay run-length coded. What was made so far can be saved after
/// any view and taken up again: the result is the same. Not thread-safe.
/// </remarks>
public sealed partial class VocabularyBuilder
{
    /// <summary>Crops that are embedded together.</summary>
    public const int BatchSize = 16;

    // The same scene and masks have the same vocabulary.
    private const long AnchorSeed = 0;

    private readonly AffinityModel _model;
    private readonly CpuRasterizer _rasterizer;
    private readonly MaskQueries _maskQueries;
    private readonly EmbedImages _embed;
    private readonly int _embeddingDimension;
    private readonly int _maxThreads;
    private readonly List<int> _views = [];
    private readonly List<float> _quantiles = [];
    private readonly List<float> _queries = [];
    private readonly List<Half> _embeddings = [];
    private MaskVocabularyInfo _info;
    private RenderedImage? _depth;

    /// <summary>Begins with no view.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="model">Its affinity model, in the scene's order.</param>
    /// <param name="modelSha256">The model's file, lower-case hex.</param>
    /// <param name="encoderFingerprint">The image encoder.</param>
    /// <param name="embeddingDimension">Channels of its features.</param>
    /// <param name="embed">The image encoder's work.</param>
    /// <param name="maxThreads">Threads of the rasteriser; 0 for all cores.</param>
    public VocabularyBuilder(
        GaussianScene scene, AffinityModel model, string modelSha256, string encoderFingerprint, int embeddingDimension, EmbedImages embed, int maxThreads = 0)
    {
        _model = model;
        _rasterizer = new CpuRasterizer(scene, maxThreads);
        _maskQueries = new MaskQueries(model);
        _embeddingDimension = embeddingDimension;
        _maxThreads = maxThreads == 0 ? Environment.ProcessorCount : maxThreads;
        _embed = embed;
        _info = new MaskVocabularyInfo(modelSha256, encoderFingerprint, 0);
    }

    /// <summary>The view to add next: views are added in order.</summary>
    public int NextView { get; private set; }

    /// <summary>Masks so far.</summary>
    public int MaskCount => _views.Count;

    /// <summary>Adds the next view.</summary>
    /// <param name="camera">Its camera.</param>
    /// <param name="masks">Its masks, of any resolution; possibly none.</param>
    /// <param name="photo">What it shows, of any resolution; asked for only where there are masks.</param>
    /// <param name="cancellationToken">Stops the work; the view is then as if it had not been added.</param>
    public void AddView(PinholeCamera camera, IReadOnlyList<BinaryMask> masks, Func<RgbImage> photo, CancellationToken cancellationToken)
    {
        List<(BinaryMask Mask, float Quantile, float[] Query)> usable = Measure(camera, masks, cancellationToken);
        float[] embeddings = new float[usable.Count * _embeddingDimension];
        bool[] seen = new bool[usable.Count];
        if (usable.Count > 0)
        {
            Embed(photo(), [.. usable.Select(mask => mask.Mask)], embeddings, seen, cancellationToken);
        }

        for (int m = 0; m < usable.Count; m++)
        {
            if (seen[m])
            {
                _views.Add(NextView);
                _quantiles.Add(usable[m].Quantile);
                _queries.AddRange(usable[m].Query);
                for (int c = 0; c < _embeddingDimension; c++)
                {
                    _embeddings.Add((Half)embeddings[m * _embeddingDimension + c]);
                }
            }
        }

        _info = _info with { MasksDropped = _info.MasksDropped + masks.Count - seen.Count(isSeen => isSeen) };
        NextView++;
    }

    /// <summary>Lets the masks of all views vote, and groups them.</summary>
    /// <param name="viewCount">Views of the scene.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public MaskVocabulary Finish(int viewCount, CancellationToken cancellationToken)
    {
        AnchorVotes votes = AnchorVotes.Cast(_model, [.. _quantiles], [.. _queries], AnchorSeed, cancellationToken);
        return With(MaskClusters.Of(votes, viewCount, _maxThreads, cancellationToken));
    }

    private List<(BinaryMask Mask, float Quantile, float[] Query)> Measure(
        PinholeCamera camera, IReadOnlyList<BinaryMask> masks, CancellationToken cancellationToken)
    {
        var measured = new List<(BinaryMask Mask, float Quantile, int First, int Count)>();
        var pixels = new List<PixelPosition>();
        if (masks.Count > 0)
        {
            _depth = _rasterizer.RenderDepth(camera, _depth, cancellationToken);
        }

        foreach (BinaryMask mask in masks)
        {
            MaskMeasurement measurement = MaskScale.Measure(mask, _depth!.Depth, camera);
            if (measurement.IsMeasured)
            {
                PixelPosition[] sample = MaskQueries.PixelsOf(mask.ResizedTo(camera.Width, camera.Height));
                measured.Add((mask, (float)_model.Quantiles.ToQuantile(measurement.Scale), pixels.Count, sample.Length));
                pixels.AddRange(sample);
            }
        }

        var usable = new List<(BinaryMask, float, float[])>();
        SparsePixelRows rows = _rasterizer.PixelRows(camera, pixels.ToArray(), cancellationToken);
        foreach ((BinaryMask mask, float quantile, int first, int count) in measured)
        {
            float[] query = new float[_model.Dimension];
            if (_maskQueries.Average(rows, first, count, quantile, query))
            {
                usable.Add((mask, quantile, query));
            }
        }

        return usable;
    }

    private void Embed(RgbImage photo, BinaryMask[] masks, float[] embeddings, bool[] seen, CancellationToken cancellationToken)
    {
        for (int start = 0; start < masks.Length; start += BatchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var crops = new List<RgbImage>();
            var places = new List<int>();
            for (int m = start; m < Math.Min(start + BatchSize, masks.Length); m++)
            {
                if (MaskCrop.Of(photo, masks[m]) is { } crop)
                {
                    crops.Add(crop);
                    places.Add(m);
                }
            }

            if (crops.Count == 0)
            {
                continue;
            }

            float[] batch = new float[crops.Count * _embeddingDimension];
            _embed(crops, batch);
            for (int k = 0; k < crops.Count; k++)
            {
                Span<float> embedding = batch.AsSpan(k * _embeddingDimension, _embeddingDimension);
                float norm = TensorPrimitives.Norm<float>(embedding);

                // An encoder that answers with no direction says nothing of the crop.
                if (float.IsFinite(norm) && norm > 0)
                {
                    TensorPrimitives.Divide(embedding, norm, embeddings.AsSpan(places[k] * _embeddingDimension, _embeddingDimension));
                    seen[places[k]] = true;
                }
            }
        }
    }

    private MaskVocabulary With(int[] clusters) => new()
    {
        FeatureDimension = _model.Dimension,
        EmbeddingDimension = _embeddingDimension,
        Views = [.. _views],
        Quantiles = [.. _quantiles],
        Queries = [.. _queries],
        Embeddings = [.. _embeddings],
        Clusters = clusters,
        Info = _info,
    };
}
