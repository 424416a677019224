using System.Diagnostics;
using Saga.Engine.Images;
using Saga.Engine.Onnx;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>What an installed SAM turned out to be, after it was loaded, checked and tried on a picture.</summary>
/// <param name="Variant">Which SAM it is as large as.</param>
/// <param name="EncoderInterface">The encoder's input and output.</param>
/// <param name="DecoderInterface">What a point gives, how many points a run takes, and who enlarges the masks.</param>
/// <param name="MasksPerPoint">3, or 1 where the decoder was exported to return only the best.</param>
/// <param name="Provider">What it runs on.</param>
/// <param name="Hash">SHA-256 of the model's files, lower-case hex.</param>
/// <param name="EncoderTime">To embed one picture, the second time.</param>
/// <param name="PointTime">To answer one point, mean of some.</param>
public sealed record SamInspection(
    string Variant, string EncoderInterface, string DecoderInterface, int MasksPerPoint, string Provider, string Hash,
    TimeSpan EncoderTime, TimeSpan PointTime)
{
    private const int TriedPoints = 16;

    /// <summary>Loads, checks and tries the model.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="cancellationToken">Stops at once.</param>
    /// <exception cref="MissingModelException">A file is not installed.</exception>
    /// <exception cref="InvalidOnnxModelException">A file is damaged, is not SAM's, or answers nonsense.</exception>
    public static SamInspection Of(ModelFolder folder, CancellationToken cancellationToken)
    {
        using var encoder = SamEncoder.Load(folder, maxThreads: 0);
        using var decoder = SamDecoder.Load(folder, maxThreads: 0, cancellationToken);
        var picture = new RgbImage(64, 48, new byte[3 * 64 * 48]);
        new Random(1).NextBytes(picture.Pixels);

        // The first run also plans its memory.
        encoder.Encode(picture, cancellationToken).Dispose();
        long start = Stopwatch.GetTimestamp();
        using SamEmbedding embedding = encoder.Encode(picture, cancellationToken);
        TimeSpan encoderTime = Stopwatch.GetElapsedTime(start);

        var frame = SamFrame.Of(picture.Width, picture.Height);
        (double X, double Y)[] points = PointGrid.Over(picture.Width, picture.Height, 4);
        int batch = decoder.TakesBatches ? TriedPoints : 1;
        start = Stopwatch.GetTimestamp();
        for (int first = 0; first < TriedPoints; first += batch)
        {
            using SamPrediction prediction = decoder.Predict(embedding.Value, frame, points.AsSpan(first, batch), cancellationToken);
            for (int mask = 0; mask < batch * prediction.MasksPerPoint; mask++)
            {
                prediction.Logits(mask / prediction.MasksPerPoint, mask % prediction.MasksPerPoint);
            }
        }

        TimeSpan pointTime = Stopwatch.GetElapsedTime(start) / TriedPoints;
        return new SamInspection(
            SamVariant.Of(folder.Files), encoder.Interface, decoder.Interface, decoder.MasksPerPoint, encoder.Provider,
            folder.ComputeHash(cancellationToken), encoderTime, pointTime);
    }
}
