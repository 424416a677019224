using System.IO.Compression;
using System.Text.Json;
using Saga.Engine.Archives;
using Saga.Engine.Archives.Torch;
using Saga.Engine.Scenes;

namespace Saga.Engine.Affinity.Published;

/// <summary>
/// Models of the original SAGA program: a zip of <c>contrastive_feature_point_cloud.ply</c> (features f_0, f_1, … of every Gaussian) and
/// <c>scale_gate.pt</c> (the state of Linear(1, D) and a sigmoid).
/// </summary>
/// <remarks>
/// The program does not save which mask scales the gate's 0…1 stand for. They are taken from, in this order: <c>scale_quantiles.json</c>,
/// which <see cref="Write"/> adds; the program's own <c>mask_scales/*.pt</c>, a tensor of scales per view; or what the caller knows.
/// </remarks>
public static class PublishedModel
{
    /// <summary>The features' file.</summary>
    public const string FeaturesName = "contrastive_feature_point_cloud.ply";

    /// <summary>The gate's file.</summary>
    public const string GateName = "scale_gate.pt";

    /// <summary>The quantiles' file, which is not the program's own: a JSON object with an array <c>knots</c>.</summary>
    public const string QuantilesName = "scale_quantiles.json";

    private const string ScalesFolder = "mask_scales/";
    private const string WeightName = "0.weight";
    private const string BiasName = "0.bias";
    private const int MaxQuantilesBytes = 1 << 20;

    private static readonly ZipLimits Limits = new(MaxEntryBytes: 16L << 30, MaxTotalBytes: 32L << 30);

    /// <summary>Reads a model.</summary>
    /// <param name="path">The zip.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="scene">The scene it was trained on; the cloud's Gaussians must lie where the scene's records do.</param>
    /// <param name="sceneSha256">SHA-256 of the scene's Gaussian file, lower-case hex; empty when not known.</param>
    /// <param name="ownQuantiles">Asked where the zip says nothing about mask scales; may answer null.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidModelException">Something is missing, damaged, or of another scene.</exception>
    public static AffinityModel Read(
        string path, string name, GaussianScene scene, string sceneSha256, Func<ScaleQuantiles?> ownQuantiles,
        CancellationToken cancellationToken)
    {
        try
        {
            using SafeZip zip = SafeZip.Open(File.OpenRead(path), Limits);
            SafeZipEntry cloud = Require(zip, FeaturesName, name);
            ScaleGate gate = ReadGate(Require(zip, GateName, name), name);
            float[] features = FeatureCloud.Read(cloud, scene, gate.Dimension, name, cancellationToken);
            ScaleQuantiles quantiles = ReadQuantiles(zip, name) ?? ownQuantiles() ?? throw new InvalidModelException(
                $"{name}: nothing says which mask scales the gate's 0 to 1 stand for. Add {QuantilesName} with "
                + $"{{\"knots\": [ascending scales]}} or the program's {ScalesFolder} to the zip, or upload the scene's cameras and masks first, of which they are measured.");
            return new AffinityModel
            {
                Dimension = gate.Dimension,
                Features = features,
                Gate = gate,
                Quantiles = quantiles,
                Info = new AffinityModelInfo(
                    DateTimeOffset.UtcNow, IterationsOf(cloud.FullName), 0, double.NaN, """{"origin":"SegAnyGAussians"}""", sceneSha256,
                    scene.FileGaussianCount),
            };
        }
        catch (Exception error) when (error is InvalidArchiveException or InvalidSceneException)
        {
            throw new InvalidModelException($"{name}: {error.Message}", error);
        }
    }

    /// <summary>Writes a model as the original program reads it, and the quantiles beside it.</summary>
    /// <param name="stream">Receives the zip.</param>
    /// <param name="model">The model, in the order of <paramref name="scene"/>.</param>
    /// <param name="scene">The scene it was trained on.</param>
    /// <param name="gaussiansPath">The scene's file: every record of it is written, unusable ones with features of 0.</param>
    /// <param name="fileName">What messages call the scene's file.</param>
    /// <param name="cancellationToken">Stops within a block of records; what was written is then no model.</param>
    public static void Write(
        Stream stream, AffinityModel model, GaussianScene scene, string gaussiansPath, string fileName, CancellationToken cancellationToken)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        using (Stream entry = zip.CreateEntry(FeaturesName, CompressionLevel.NoCompression).Open())
        {
            FeatureCloud.Write(entry, model, scene, gaussiansPath, fileName, cancellationToken);
        }

        using (var gate = new MemoryStream())
        {
            int dimension = model.Dimension;
            TorchStateDict.Write(
                gate, Path.GetFileNameWithoutExtension(GateName),
                [(WeightName, [dimension, 1], model.Gate.Weight), (BiasName, [dimension], model.Gate.Bias)]);
            using Stream entry = zip.CreateEntry(GateName, CompressionLevel.NoCompression).Open();
            entry.Write(gate.GetBuffer(), 0, (int)gate.Length);
        }

        using Stream quantiles = zip.CreateEntry(QuantilesName).Open();
        JsonSerializer.Serialize(quantiles, new QuantilesFile(model.Quantiles.Knots), JsonSerializerOptions.Web);
    }

    private static SafeZipEntry Require(SafeZip zip, string fileName, string name) =>
        zip.Entries.Where(entry => entry.FileName == fileName).MinBy(entry => entry.FullName.Length)
        ?? throw new InvalidModelException(
            $"{name}: the zip has no {fileName}; a model of the original program is a zip of {FeaturesName} and {GateName}.");

    private static ScaleGate ReadGate(SafeZipEntry entry, string name)
    {
        using TorchFile file = TorchFile.Open(entry.OpenSeekable());
        float[]? weight = Floats(WeightName);
        float[]? bias = Floats(BiasName);
        if (weight is null || bias is null || weight.Length != bias.Length || weight.Length is < 8 or > 64 || weight.Length % 8 != 0
            || !weight.All(float.IsFinite) || !bias.All(float.IsFinite))
        {
            throw new InvalidModelException(
                $"{name}: {GateName} holds {string.Join(", ", file.Tensors.Keys.Take(4).Select(Shorten))}; finite tensors "
                + $"{WeightName} [D, 1] and {BiasName} [D] were expected, D from 8 to 64 in steps of 8.");
        }

        return new ScaleGate(weight, bias);

        float[]? Floats(string tensor) =>
            file.Tensors.TryGetValue(tensor, out TorchTensor? found) && found.Count is >= 8 and <= 64 ? file.ReadFloats(found) : null;
    }

    private static ScaleQuantiles? ReadQuantiles(SafeZip zip, string name)
    {
        try
        {
            if (zip.Entries.FirstOrDefault(entry => entry.FileName == QuantilesName) is { Length: <= MaxQuantilesBytes } entry)
            {
                QuantilesFile? file = JsonSerializer.Deserialize<QuantilesFile>(entry.ReadAllBytes(), JsonSerializerOptions.Web);
                return file?.Knots is { Length: > 0 and <= ScaleQuantiles.MaxKnots } knots
                    ? new ScaleQuantiles(knots)
                    : throw new JsonException();
            }
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidModelException(
                $"{name}: {QuantilesName} is damaged; {{\"knots\": [1 to {ScaleQuantiles.MaxKnots} ascending scales]}} was expected.", error);
        }

        var scales = new List<double>();
        foreach (SafeZipEntry entry in zip.Entries.Where(IsScales))
        {
            using TorchFile file = TorchFile.Open(entry.OpenSeekable());
            foreach (TorchTensor tensor in file.Tensors.Values)
            {
                // A mask without a scale has 0 or NaN there.
                scales.AddRange(file.ReadDoubles(tensor).Where(scale => double.IsFinite(scale) && scale > 0));
            }
        }

        return scales.Count > 0 ? ScaleQuantiles.FromScales(scales) : null;
    }

    private static bool IsScales(SafeZipEntry entry) =>
        entry.FileName.EndsWith(".pt", StringComparison.OrdinalIgnoreCase)
        && entry.FullName[..^entry.FileName.Length].EndsWith(ScalesFolder, StringComparison.Ordinal);

    // The program's folders are called point_cloud/iteration_10000.
    private static int IterationsOf(string path)
    {
        string? folder = path.Split('/').LastOrDefault(part => part.StartsWith("iteration_", StringComparison.Ordinal));
        return int.TryParse(folder?["iteration_".Length..], out int iterations) && iterations > 0 ? iterations : 0;
    }

    private static string Shorten(string text) => Scenes.Ply.PlyHeaderReader.Shorten(text);

    private sealed record QuantilesFile(double[] Knots);
}
