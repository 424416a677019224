using Microsoft.ML.OnnxRuntime;
using Saga.Engine.Onnx;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>SAM's prompt encoder and mask decoder, exported together: points on an embedded picture in, masks out.</summary>
/// <remarks>
/// The official export takes one prompt a run: its open dimension is the number of points of that one prompt. Exports whose first dimension of
/// points and labels is open take many; whether they really do is tried once on loading. A prompt is the point with label 1 and, as
/// there is no box, a second with label -1 that is none: the model was trained with it, and the export leaves adding it to the caller.
/// Masks are taken at 256×256 where the model puts them out, and only those of promising quality are enlarged, here.
/// </remarks>
internal sealed class SamDecoder : IDisposable
{
    /// <summary>File name in the model's folder.</summary>
    public const string FileName = "decoder.onnx";

    private const int PointsPerPrompt = 2;

    private readonly OnnxModel _model;
    private readonly DecoderPorts _ports;
    private readonly OrtValue _noMask;
    private readonly OrtValue _hasNoMask;

    private SamDecoder(OnnxModel model)
    {
        _model = model;
        _ports = DecoderPorts.Of(model);
        _noMask = OrtValue.CreateTensorValueFromMemory(new float[SamFrame.MaskSide * SamFrame.MaskSide], [1, 1, SamFrame.MaskSide, SamFrame.MaskSide]);
        _hasNoMask = OrtValue.CreateTensorValueFromMemory(new float[1], [1]);
    }

    /// <summary>What it runs on.</summary>
    public string Provider => _model.Provider;

    /// <summary>True when several prompts can be given at once.</summary>
    public bool TakesBatches { get; private set; }

    /// <summary>Masks per point that are used: 3, or 1 where the export returns only the best.</summary>
    public int MasksPerPoint { get; private set; }

    /// <summary>True when masks come enlarged to the picture's size, as the model has no low-resolution output.</summary>
    public bool EnlargesMasks => _ports.LowMasks is null;

    /// <summary>Loads and checks the decoder, and asks it once about an empty picture.</summary>
    /// <exception cref="MissingModelException">It is not installed.</exception>
    /// <exception cref="InvalidOnnxModelException">It is damaged or is no SAM mask decoder.</exception>
    public static SamDecoder Load(ModelFolder folder, int maxThreads, CancellationToken cancellationToken)
    {
        OnnxModel model = OnnxModel.Load(folder, FileName, maxThreads);
        SamDecoder? decoder = null;
        try
        {
            decoder = new SamDecoder(model);
            decoder.Try(cancellationToken);
            return decoder;
        }
        catch
        {
            (decoder as IDisposable ?? model).Dispose();
            throw;
        }
    }

    /// <summary>Masks at points of an embedded picture.</summary>
    /// <param name="embedding">The picture's embedding, [1, 256, 64, 64].</param>
    /// <param name="frame">How the picture lies in the encoder's square.</param>
    /// <param name="points">Points in the picture's pixels; one unless <see cref="TakesBatches"/>.</param>
    /// <param name="cancellationToken">Stops between two operators.</param>
    /// <exception cref="InvalidOnnxModelException">The model failed or put out something else.</exception>
    public SamPrediction Predict(
        OrtValue embedding, SamFrame frame, ReadOnlySpan<(double X, double Y)> points, CancellationToken cancellationToken)
    {
        int prompts = points.Length;
        float[] coordinates = new float[prompts * PointsPerPrompt * 2];
        float[] labels = new float[prompts * PointsPerPrompt];
        for (int i = 0; i < prompts; i++)
        {
            (coordinates[4 * i], coordinates[4 * i + 1]) = frame.Place(points[i].X, points[i].Y);
            (labels[2 * i], labels[2 * i + 1]) = (1, -1);
        }

        // A small square costs the model least where its enlarged masks are not wanted.
        float[] size = EnlargesMasks ? [frame.Height, frame.Width] : [SamFrame.MaskSide, SamFrame.MaskSide];
        using var coordinatesValue = OrtValue.CreateTensorValueFromMemory(coordinates, [prompts, PointsPerPrompt, 2]);
        using var labelsValue = OrtValue.CreateTensorValueFromMemory(labels, [prompts, PointsPerPrompt]);
        using var sizeValue = OrtValue.CreateTensorValueFromMemory(size, [2]);
        var inputs = new Dictionary<string, OrtValue>
        {
            [_ports.Embedding.Name] = embedding,
            [_ports.Points.Name] = coordinatesValue,
            [_ports.Labels.Name] = labelsValue,
        };
        Add(inputs, _ports.MaskInput, _noMask);
        Add(inputs, _ports.HasMask, _hasNoMask);
        Add(inputs, _ports.PictureSize, sizeValue);
        OnnxTensor masks = _ports.LowMasks ?? _ports.FullMasks!;
        IDisposableReadOnlyCollection<OrtValue> outputs =
            _model.Run(inputs, [_ports.Quality.Name, masks.Name], cancellationToken);
        return SamPrediction.Of(
            outputs, prompts, EnlargesMasks ? (frame.Width, frame.Height) : (SamFrame.MaskSide, SamFrame.MaskSide),
            $"{_model.Name}: {_ports.Quality.Name}", $"{_model.Name}: {masks.Name}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _noMask.Dispose();
        _hasNoMask.Dispose();
        _model.Dispose();
    }

    private void Try(CancellationToken cancellationToken)
    {
        using var embedding = OrtValue.CreateTensorValueFromMemory(new float[256 * 64 * 64], [1, 256, 64, 64]);
        var frame = SamFrame.Of(64, 64);
        if (_ports.TakesBatches)
        {
            try
            {
                using SamPrediction two = Predict(embedding, frame, [(16, 16), (48, 48)], cancellationToken);
                (TakesBatches, MasksPerPoint) = (true, two.MasksPerPoint);
                return;
            }
            catch (InvalidOnnxModelException)
            {
                // The dimension is open and yet only 1 works; asked singly it may be right.
            }
        }

        using SamPrediction one = Predict(embedding, frame, [(32, 32)], cancellationToken);
        MasksPerPoint = one.MasksPerPoint;
    }

    private static void Add(Dictionary<string, OrtValue> inputs, OnnxTensor? port, OrtValue value)
    {
        if (port is not null)
        {
            inputs.Add(port.Name, value);
        }
    }
}
