using System.IO.Compression;
using System.Text;
using Saga.Engine.Affinity;
using Saga.Engine.Affinity.Published;
using Saga.Engine.Archives.Torch;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Scenes;

namespace Saga.Engine.Tests.Affinity.Published;

public sealed class PublishedModelTests : IDisposable
{
    private const int Dimension = 32;

    private readonly TestFolder _folder = new();
    private readonly GaussianScene _scene;
    private readonly string _gaussians;

    public PublishedModelTests()
    {
        _gaussians = _folder.Write(
            "scene.ply", new PlyTestFile("binary_little_endian", TestGaussians.Inria(50).With(20, "x", double.NaN)).ToBytes());
        _scene = GaussianFile.Read(_gaussians);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_read_back_number_for_number()
    {
        AffinityModel model = Model();

        AffinityModel back = Read(Zip(model));

        Assert.Equal(model.Features, back.Features);
        Assert.Equal(model.Gate.Weight, back.Gate.Weight);
        Assert.Equal(model.Gate.Bias, back.Gate.Bias);
        Assert.Equal(model.Quantiles.Knots, back.Quantiles.Knots);
        Assert.Equal((50, "abc"), (back.Info.FileGaussianCount, back.Info.SceneSha256));
    }

    [Fact]
    public void The_cloud_has_the_properties_that_the_original_program_writes()
    {
        using var zip = new ZipArchive(new MemoryStream(Zip(Model())));
        using var reader = new StreamReader(zip.GetEntry(PublishedModel.FeaturesName)!.Open(), Encoding.Latin1);
        string text = reader.ReadToEnd();
        string[] properties = [.. text[..text.IndexOf("end_header", StringComparison.Ordinal)].Split('\n')
            .Where(line => line.StartsWith("property", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];

        Assert.Equal(
            [
                "x", "y", "z", "nx", "ny", "nz", .. Enumerable.Range(0, Dimension).Select(i => $"f_{i}"),
                "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
            ],
            properties);
        Assert.Contains("element vertex 50\n", text, StringComparison.Ordinal);
        Assert.Equal(50 * 4 * properties.Length, text.Length - text.IndexOf("end_header\n", StringComparison.Ordinal) - "end_header\n".Length);
    }

    [Fact]
    public void Scales_come_from_the_programs_own_files_before_they_are_asked_for()
    {
        byte[] zip = Changed(Zip(Model()), PublishedModel.QuantilesName, null);
        Assert.Equal([3.0], Read(zip, new ScaleQuantiles([3.0])).Quantiles.Knots);

        using var first = new MemoryStream();
        TorchStateDict.Write(first, "view_000", [("scales", [4], [0.5f, 0f, 0.25f, float.NaN])]);
        using var second = new MemoryStream();
        TorchStateDict.Write(second, "view_001", [("scales", [1], [2f])]);
        byte[] official = Changed(
            Changed(zip, "figurines/mask_scales/view_000.pt", first.ToArray()), "figurines/mask_scales/view_001.pt", second.ToArray());

        Assert.Equal([0.25, 0.5, 2.0], Read(official, new ScaleQuantiles([3.0])).Quantiles.Knots);
        Assert.Contains("mask_scales/", Refused(zip), StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_tells_how_long_the_program_trained()
    {
        byte[] zip = Zip(Model());
        byte[] cloud = Entry(zip, PublishedModel.FeaturesName);
        byte[] moved = Changed(Changed(zip, PublishedModel.FeaturesName, null), $"point_cloud/iteration_10000/{PublishedModel.FeaturesName}", cloud);

        Assert.Equal(10_000, Read(moved).Info.Iterations);
    }

    [Fact]
    public void What_is_damaged_is_refused_by_what_is_wrong()
    {
        byte[] zip = Zip(Model());
        string cloud = Encoding.Latin1.GetString(Entry(zip, PublishedModel.FeaturesName));
        byte[] gate = Entry(zip, PublishedModel.GateName);
        byte[] Cloud(string from, string to) =>
            Changed(zip, PublishedModel.FeaturesName, Encoding.Latin1.GetBytes(cloud.Replace(from, to, StringComparison.Ordinal)));

        Assert.Contains("31 channels", Refused(Cloud("property float f_31\n", "property float g_31\n")), StringComparison.Ordinal);
        Assert.Contains("f_0 is missing", Refused(Cloud("property float f_0\n", "property float g_0\n")), StringComparison.Ordinal);
        Assert.Contains("truncated", Refused(Cloud("element vertex 50", "element vertex 51")), StringComparison.Ordinal);
        Assert.Contains("truncated", Refused(Cloud("element vertex 50", "element vertex 99999999999")), StringComparison.Ordinal);
        Assert.Contains("torch", Refused(Changed(zip, PublishedModel.GateName, [0x80, 2])), StringComparison.Ordinal);
        Assert.Contains("zip", Refused(Changed(zip, PublishedModel.GateName, gate[..^40])), StringComparison.Ordinal);
        Assert.Contains("ascending", Refused(Changed(zip, PublishedModel.QuantilesName, "{\"knots\":[2,1]}"u8.ToArray())), StringComparison.Ordinal);
        Assert.Contains("ascending", Refused(Changed(zip, PublishedModel.QuantilesName, "{}"u8.ToArray())), StringComparison.Ordinal);
        using var other = new MemoryStream();
        TorchStateDict.Write(other, "sam_proj", [("0.weight", [12, 1], new float[12]), ("0.bias", [12], new float[12])]);
        Assert.Contains("8 to 64", Refused(Changed(zip, PublishedModel.GateName, other.ToArray())), StringComparison.Ordinal);
        Assert.Contains("zip", Refused(zip[..^100]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_that_is_no_number_is_refused_by_its_gaussian()
    {
        AffinityModel model = Model();
        model.Features[5 * Dimension + 3] = float.NaN;

        Assert.Contains($"feature of Gaussian {_scene.FileIndices[5]} is NaN", Refused(Zip(model)), StringComparison.Ordinal);
    }

    private AffinityModel Model()
    {
        Random random = new(3);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        return new AffinityModel
        {
            Dimension = Dimension,
            Features = Numbers(_scene.Count * Dimension),
            Gate = new ScaleGate(Numbers(Dimension), Numbers(Dimension)),
            Quantiles = new ScaleQuantiles([0.1, 0.2, 0.7]),
            Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 2, 0.5, "{}", "abc", _scene.FileGaussianCount),
        };
    }

    private byte[] Zip(AffinityModel model)
    {
        using var stream = new MemoryStream();
        PublishedModel.Write(stream, model, _scene, _gaussians, "scene.ply", CancellationToken.None);
        return stream.ToArray();
    }

    private AffinityModel Read(byte[] zip, ScaleQuantiles? own = null) =>
        PublishedModel.Read(_folder.Write("model.zip", zip), "model", _scene, "abc", () => own, CancellationToken.None);

    private string Refused(byte[] zip) => Assert.Throws<InvalidModelException>(() => Read(zip)).Message;

    private static byte[] Entry(byte[] zip, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using Stream stream = archive.GetEntry(name)!.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The zip with one file replaced, added, or with null left out.</summary>
    private static byte[] Changed(byte[] zip, string name, byte[]? bytes)
    {
        using var stream = new MemoryStream();
        stream.Write(zip);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            archive.GetEntry(name)?.Delete();
            if (bytes is not null)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }
}
