using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Onnx;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>
/// The automatic mask generator of Segment Anything: asks SAM about a grid of points and keeps the masks that are good, stable and new.
/// </summary>
/// <remarks>
/// (1) The picture, and each crop of it where crops are asked for, is embedded. (2) At every point of the grid the decoder gives three masks.
/// (3) Those whose predicted IoU or stability is low go, and in crops those that the crop cuts. (4) Of masks with nearly the same box the best
/// stays; between crops the one from the smaller crop. (5) Small holes are filled, small islands removed, and what became alike goes.
/// Masks are run-length coded one by one as they are found: never more is decoded than one mask and what the decoder answers to one batch
/// of points. Not thread-safe.
/// </remarks>
public sealed class SamMaskGenerator : IMaskGenerator
{
    /// <summary>The folder of the model in the models directory.</summary>
    public const string ModelName = "sam";

    /// <summary>Raised whenever the same model and options may give other masks than before.</summary>
    private const int Version = 1;

    private readonly SamEncoder _encoder;
    private readonly SamDecoder _decoder;
    private readonly SamOptions _options;

    private SamMaskGenerator(SamEncoder encoder, SamDecoder decoder, SamOptions options, string modelHash)
    {
        _encoder = encoder;
        _decoder = decoder;
        _options = options;
        Fingerprint = FingerprintOf(options, modelHash);
    }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>
    /// 1024: the encoder sees the longer side of a picture at that size. Each layer of crops doubles what is seen.
    /// </summary>
    public int UsefulSide => Math.Min(SamFrame.Side << _options.CropLayers, PinholeCamera.MaxSide);

    /// <summary>What the model runs on, to be said once in a job: <c>CPU, 2 threads</c>.</summary>
    public string Provider => _encoder.Provider;

    /// <summary>True when both files of the model are installed; whether they are right shows <see cref="Open"/>.</summary>
    public static bool IsInstalled(ModelFolder folder) => folder.Has(SamEncoder.FileName) && folder.Has(SamDecoder.FileName);

    /// <summary>Loads and checks SAM.</summary>
    /// <param name="folder">The model's folder, with <c>encoder.onnx</c> and <c>decoder.onnx</c>.</param>
    /// <param name="options">Options.</param>
    /// <param name="maxThreads">Threads of the processor's kernels; 0 for as many as this process may use. Does not change the fingerprint.</param>
    /// <param name="cancellationToken">Hashing and loading gigabytes takes seconds.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="MissingModelException">A file is not installed.</exception>
    /// <exception cref="InvalidOnnxModelException">A file is damaged, or is not SAM's.</exception>
    public static SamMaskGenerator Open(
        ModelFolder folder, SamOptions options, int maxThreads = 0, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var encoder = SamEncoder.Load(folder, maxThreads);
        SamDecoder? decoder = null;
        try
        {
            decoder = SamDecoder.Load(folder, maxThreads, cancellationToken);
            return new SamMaskGenerator(encoder, decoder, options, folder.ComputeHash(cancellationToken));
        }
        catch
        {
            decoder?.Dispose();
            encoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOnnxModelException">The model failed, or its answers are not SAM's.</exception>
    public IReadOnlyList<BinaryMask> Generate(ViewPicture picture, CancellationToken cancellationToken)
    {
        RgbImage photo = picture.Photo;
        List<SamCrop> crops = SamCrop.Layout(photo.Width, photo.Height, _options.CropLayers, _options.CropOverlapRatio);
        List<SamCandidate> found = [];
        foreach (SamCrop crop in crops)
        {
            found.AddRange(FindIn(photo, crop, cancellationToken));
        }

        if (crops.Count > 1)
        {
            found = SamCandidate.WithoutDuplicates(found, c => 1f / ((float)c.Crop.Width * c.Crop.Height), _options.CropNmsThreshold);
        }

        return Distinct(_options.MinRegionArea > 0 ? WithoutSmallRegions(found) : found);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    private List<SamCandidate> FindIn(RgbImage photo, SamCrop crop, CancellationToken cancellationToken)
    {
        RgbImage part = crop.Layer == 0 ? photo : CropCopy.Of(photo, crop);
        var frame = SamFrame.Of(part.Width, part.Height);
        var cut = new LogitCut(frame);
        using SamEmbedding embedding = _encoder.Encode(part, cancellationToken);
        (double X, double Y)[] points = PointGrid.Over(
            part.Width, part.Height, PointGrid.PerSide(_options.PointsPerSide, _options.CropPointsDownscaleFactor, crop.Layer));
        int batch = _decoder.TakesBatches ? _options.PointsPerBatch : 1;
        List<SamCandidate> found = [];
        for (int first = 0; first < points.Length; first += batch)
        {
            ReadOnlySpan<(double X, double Y)> prompts = points.AsSpan(first, Math.Min(batch, points.Length - first));
            using SamPrediction prediction = _decoder.Predict(embedding.Value, frame, prompts, cancellationToken);
            for (int mask = 0; mask < prompts.Length * prediction.MasksPerPoint; mask++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Judge(prediction, mask / prediction.MasksPerPoint, mask % prediction.MasksPerPoint, cut, crop, photo) is { } candidate)
                {
                    found.Add(candidate);
                }
            }
        }

        return SamCandidate.WithoutDuplicates(found, c => c.Quality, _options.BoxNmsThreshold);
    }

    /// <summary>A mask in the picture's frame, or null where it is not good enough.</summary>
    private SamCandidate? Judge(SamPrediction prediction, int prompt, int mask, LogitCut cut, SamCrop crop, RgbImage photo)
    {
        float quality = prediction.Quality(prompt, mask);
        if (_options.PredictedIouThreshold > 0 && !(quality > _options.PredictedIouThreshold))
        {
            return null;
        }

        ReadOnlySpan<float> logits = prediction.Logits(prompt, mask);
        float stability = _decoder.EnlargesMasks ? cut.FromFullResolution(logits) : cut.FromLowResolution(logits);
        if (_options.StabilityThreshold > 0 && !(stability >= _options.StabilityThreshold))
        {
            return null;
        }

        var found = BinaryMask.FromPixels(crop.Width, crop.Height, cut.Pixels);
        if (found.Area == 0)
        {
            return null;
        }

        BinaryMask placed = crop.Layer == 0 ? found : CropCopy.Place(found, crop, photo.Width, photo.Height);
        var box = PixelBox.Of(placed);
        return crop.Cuts(box, photo.Width, photo.Height) ? null : new SamCandidate(placed, box, quality, crop);
    }

    private List<SamCandidate> WithoutSmallRegions(List<SamCandidate> candidates)
    {
        List<SamCandidate> cleaned = [];
        var touched = new HashSet<SamCandidate>(ReferenceEqualityComparer.Instance);
        foreach (SamCandidate candidate in candidates)
        {
            BinaryMask mask = SmallRegions.Remove(candidate.Mask, _options.MinRegionArea);
            cleaned.Add(candidate with { Mask = mask, Box = PixelBox.Of(mask) });
            if (!ReferenceEquals(mask, candidate.Mask))
            {
                touched.Add(cleaned[^1]);
            }
        }

        // Of masks that became alike the one that needed no cleaning stays.
        return SamCandidate.WithoutDuplicates(
            cleaned, c => touched.Contains(c) ? 0 : 1, Math.Max(_options.BoxNmsThreshold, _options.CropNmsThreshold));
    }

    /// <summary>Masks without area in their box are never alike to the suppression; equal ones still go.</summary>
    private static List<BinaryMask> Distinct(List<SamCandidate> candidates)
    {
        List<BinaryMask> masks = [];
        foreach (SamCandidate candidate in candidates)
        {
            if (!masks.Exists(mask => mask.RunEnds.SequenceEqual(candidate.Mask.RunEnds)))
            {
                masks.Add(candidate.Mask);
            }
        }

        return masks;
    }

    private static string FingerprintOf(SamOptions options, string modelHash)
    {
        // PointsPerBatch changes the speed, not the masks.
        string decisive = string.Create(CultureInfo.InvariantCulture, $"{options with { PointsPerBatch = 1 }}");
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{modelHash}\n{decisive}")));
        return FormattableString.Invariant($"sam-{Version}-{hash}");
    }
}
