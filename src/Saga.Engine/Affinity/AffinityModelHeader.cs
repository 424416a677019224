using System.Text.Json;
using System.Text.Json.Serialization;

namespace Saga.Engine.Affinity;

/// <summary>The JSON part of a model file: everything but the features.</summary>
internal sealed record AffinityModelHeader(
    int Dimension,
    int Count,
    int FileGaussianCount,
    float[] GateWeight,
    float[] GateBias,
    double[] Knots,
    DateTimeOffset TrainedAt,
    int Iterations,
    long Seed,
    double FinalLoss,
    string OptionsJson,
    string SceneSha256)
{
    /// <summary>Longest header in bytes: far above 64 channels and 1000 knots, far below what would hurt.</summary>
    public const int MaxBytes = 1 << 20;

    // A loss may be NaN (no iteration was run); gate and knots are checked by their owners.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static AffinityModelHeader Of(AffinityModel model) => new(
        model.Dimension, model.Count, model.Info.FileGaussianCount, model.Gate.Weight, model.Gate.Bias, model.Quantiles.Knots,
        model.Info.TrainedAt, model.Info.Iterations, model.Info.Seed, model.Info.FinalLoss, model.Info.OptionsJson,
        model.Info.SceneSha256);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="InvalidModelException">Not this header, or numbers that no model has.</exception>
    public static AffinityModelHeader Parse(ReadOnlySpan<byte> bytes, string name)
    {
        AffinityModelHeader? header;
        try
        {
            header = JsonSerializer.Deserialize<AffinityModelHeader>(bytes, Json);
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"{name}: the header is damaged ({e.Message}). "
                + "Train the scene again or restore the file.", e);
        }

        if (header is null)
        {
            throw new InvalidModelException($"{name}: the header is empty. Train the scene again or restore the file.");
        }

        header.Check(name);
        return header;
    }

    public AffinityModel ToModel(float[] features, string name)
    {
        ScaleQuantiles quantiles;
        try
        {
            quantiles = new ScaleQuantiles(Knots);
        }
        catch (ArgumentException e)
        {
            throw new InvalidModelException($"{name}: the scale quantiles are damaged: {e.Message}", e);
        }

        return new AffinityModel
        {
            Dimension = Dimension,
            Features = features,
            Gate = new ScaleGate(GateWeight, GateBias),
            Quantiles = quantiles,
            Info = new AffinityModelInfo(TrainedAt, Iterations, Seed, FinalLoss, OptionsJson, SceneSha256, FileGaussianCount),
        };
    }

    private void Check(string name)
    {
        if (Dimension is < 8 or > 64 || Dimension % 8 != 0)
        {
            throw new InvalidModelException($"{name}: the features have {Dimension} channels; "
                + "8 to 64 in steps of 8 are supported.");
        }

        if (Count < 1 || FileGaussianCount < Count)
        {
            throw new InvalidModelException(
                $"{name}: the model claims {Count} features for a file of {FileGaussianCount} Gaussians; "
                + "at least 1 and at most one for each is possible.");
        }

        if (GateWeight.Length != Dimension || GateBias.Length != Dimension)
        {
            throw new InvalidModelException(
                $"{name}: the scale gate has {GateWeight.Length} weights and {GateBias.Length} biases; "
                + $"{Dimension} of each are needed.");
        }

        if (!GateWeight.All(float.IsFinite) || !GateBias.All(float.IsFinite))
        {
            throw new InvalidModelException($"{name}: the scale gate holds a number that is not finite.");
        }

        if (Knots.Length is < 1 or > ScaleQuantiles.MaxKnots)
        {
            throw new InvalidModelException(
                $"{name}: the model has {Knots.Length} scale quantiles; 1 to {ScaleQuantiles.MaxKnots} are possible.");
        }
    }
}
