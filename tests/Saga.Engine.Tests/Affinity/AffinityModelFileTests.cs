using System.Buffers.Binary;
using System.Security.Cryptography;
using Saga.Engine.Affinity;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Segmentation;

namespace Saga.Engine.Tests.Affinity;

public sealed class AffinityModelFileTests
{
    private const int Dimension = 8;
    private const string Sha = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    [Theory]
    [InlineData(1)]
    [InlineData(29)]
    [InlineData(20_000)]   // several chunks
    public void A_model_comes_back_exactly(int count)
    {
        GaussianScene scene = ShuffledScene(count, seed: 1);
        AffinityModel model = Model(scene);

        AffinityModel read = Read(Write(model, scene), scene, Sha);

        Assert.Equal(model.Features, read.Features);
        Assert.Equal(model.Gate.Weight, read.Gate.Weight);
        Assert.Equal(model.Gate.Bias, read.Gate.Bias);
        Assert.Equal(model.Quantiles.Knots, read.Quantiles.Knots);
        Assert.Equal(model.Info, read.Info);
    }

    [Fact]
    public void A_file_is_read_from_disk()
    {
        GaussianScene scene = ShuffledScene(40, seed: 1);
        AffinityModel model = Model(scene);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllBytes(path, Write(model, scene));
            Assert.Equal(model.Features, AffinityModelFile.Read(path, scene, Sha, CancellationToken.None).Features);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Another_engine_order_gets_the_same_feature_for_the_same_record()
    {
        GaussianScene trained = ShuffledScene(200, seed: 1);
        GaussianScene loaded = ShuffledScene(200, seed: 2);
        AffinityModel model = Model(trained);

        AffinityModel read = Read(Write(model, trained), loaded, Sha);

        for (int i = 0; i < 200; i++)
        {
            int there = Array.IndexOf(trained.FileIndices, loaded.FileIndices[i]);
            Assert.Equal(
                model.Features[(there * Dimension)..((there + 1) * Dimension)], read.Features[(i * Dimension)..((i + 1) * Dimension)]);
        }
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        GaussianScene scene = ShuffledScene(5, seed: 1);
        byte[] file = Write(Model(scene), scene);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.Throws<InvalidModelException>(() => Read(file[..length], scene, Sha));
        }

        Assert.Throws<InvalidModelException>(() => Read([.. file, 0], scene, Sha));
    }

    [Fact]
    public void Every_bit_flip_is_refused()
    {
        GaussianScene scene = ShuffledScene(5, seed: 1);
        byte[] file = Write(Model(scene), scene);
        for (int bit = 0; bit < 8 * file.Length; bit++)
        {
            byte[] damaged = [.. file];
            damaged[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.Throws<InvalidModelException>(() => Read(damaged, scene, Sha));
        }
    }

    [Fact]
    public void Another_version_is_named()
    {
        GaussianScene scene = ShuffledScene(5, seed: 1);
        byte[] file = Write(Model(scene), scene);
        file[8] = 2;

        Assert.Contains("version 2", Refusal(Resealed(file), scene), StringComparison.Ordinal);
    }

    [Fact]
    public void Absurd_sizes_are_refused_before_anything_is_allocated()
    {
        GaussianScene scene = ShuffledScene(5, seed: 1);
        byte[] file = Write(Model(scene), scene);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), uint.MaxValue);
        Assert.Contains("4294967295", Refusal(file, scene), StringComparison.Ordinal);

        byte[] counts = ReplaceInHeader(Write(Model(scene), scene), "\"count\":5,\"fileGaussianCount\":8", "\"count\":2000000000,\"fileGaussianCount\":2000000000");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("bytes", Refusal(counts, scene), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e7f)]
    public void A_poisoned_feature_is_neither_written_nor_read(float poison)
    {
        GaussianScene scene = ShuffledScene(5, seed: 1);
        AffinityModel model = Model(scene);
        byte[] file = Write(model, scene);
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(file.Length - 32 - 4), poison);
        Assert.Contains("feature", Refusal(Resealed(file), scene), StringComparison.Ordinal);

        model.Features[3] = poison;
        Assert.Throws<InvalidModelException>(() => Write(model, scene));
    }

    [Fact]
    public void A_gate_or_knots_that_no_model_has_are_refused()
    {
        GaussianScene scene = ShuffledScene(5, seed: 1);
        byte[] file = Write(Model(scene), scene);

        Assert.Contains("gate", Refusal(ReplaceInHeader(file, "\"gateWeight\":[0.", "\"gateWeight\":[9,0."), scene), StringComparison.Ordinal);
        Assert.Contains("gate", Refusal(ReplaceInHeader(file, "\"gateBias\":[-4", "\"gateBias\":[\"NaN\""), scene), StringComparison.Ordinal);
        Assert.Contains("quantiles", Refusal(ReplaceInHeader(file, "\"knots\":[0.1,", "\"knots\":[7,"), scene), StringComparison.Ordinal);
        Assert.Contains("quantiles", Refusal(ReplaceInHeader(file, "\"knots\":[0.1,0.25,2]", "\"knots\":[]"), scene), StringComparison.Ordinal);
        Assert.Contains("channels", Refusal(ReplaceInHeader(file, "\"dimension\":8", "\"dimension\":9"), scene), StringComparison.Ordinal);
        Assert.Contains("header", Refusal(ReplaceInHeader(file, "\"seed\":7", "\"sead\":7"), scene), StringComparison.Ordinal);
        Assert.Contains("header", Refusal(ReplaceInHeader(file, "\"optionsJson\":\"{}\"", "\"optionsJson\":null"), scene), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_another_scene_is_refused_with_both_named()
    {
        GaussianScene scene = ShuffledScene(5, seed: 1);
        byte[] file = Write(Model(scene), scene);

        Assert.Contains("ffff", Refusal(file, scene, new string('f', 64)), StringComparison.Ordinal);
        Assert.Contains("8", Refusal(file, ShuffledScene(9, seed: 1)), StringComparison.Ordinal);
        Assert.Contains("usable", Refusal(file, SceneOf([0, 1, 2, 3], 8)), StringComparison.Ordinal);
        Assert.Contains("Train", Refusal(file, SceneOf([3, 4, 5, 6, 7], 8)), StringComparison.Ordinal);
        Assert.Equal(5, Read(file, scene, "").Count);
    }

    [Fact]
    public void A_model_that_does_not_fit_the_scene_is_not_written()
    {
        AffinityModel model = Model(ShuffledScene(5, seed: 1));
        Assert.Throws<ArgumentException>(() => Write(model, ShuffledScene(6, seed: 1)));
    }

    private static string Refusal(byte[] file, GaussianScene scene, string sha = Sha) =>
        Assert.Throws<InvalidModelException>(() => Read(file, scene, sha)).Message;

    private static byte[] Write(AffinityModel model, GaussianScene scene)
    {
        using var stream = new MemoryStream();
        AffinityModelFile.Write(stream, model, scene, CancellationToken.None);
        return stream.ToArray();
    }

    private static AffinityModel Read(byte[] file, GaussianScene scene, string sha)
    {
        using var stream = new MemoryStream(file);
        return AffinityModelFile.Read(stream, "test.saga", scene, sha, CancellationToken.None);
    }

    private static byte[] ReplaceInHeader(byte[] file, string from, string to)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(12));
        string header = System.Text.Encoding.UTF8.GetString(file, 16, length);
        Assert.Contains(from, header, StringComparison.Ordinal);
        byte[] replaced = System.Text.Encoding.UTF8.GetBytes(header.Replace(from, to, StringComparison.Ordinal));
        byte[] result = [.. file[..16], .. replaced, .. file[(16 + length)..]];
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(12), replaced.Length);
        return Resealed(result);
    }

    // A forger can compute checksums too.
    private static byte[] Resealed(byte[] file)
    {
        SHA256.HashData(file.AsSpan(0, file.Length - 32)).CopyTo(file.AsSpan(file.Length - 32));
        return file;
    }

    private static AffinityModel Model(GaussianScene scene)
    {
        Random random = new(3);
        return new AffinityModel
        {
            Dimension = Dimension,
            Features = [.. Enumerable.Range(0, scene.Count * Dimension).Select(_ => random.NextSingle() - 0.5f)],
            Gate = new ScaleGate([.. Enumerable.Range(0, Dimension).Select(c => 0.1f + c)], [.. Enumerable.Range(0, Dimension).Select(c => c - 4f)]),
            Quantiles = new ScaleQuantiles([0.1, 0.25, 2]),
            Info = new AffinityModelInfo(
                new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 700, 7, 0.125, "{}", Sha, scene.FileGaussianCount),
        };
    }

    // Three records of the file are not usable; the rest lies in any order.
    private static GaussianScene ShuffledScene(int count, int seed)
    {
        int[] records = [.. Enumerable.Range(0, count + 3).Where(r => r != 0 && r != count / 2 + 1 && r != count + 2)];
        new Random(seed).Shuffle(records);
        return SceneOf(records, count + 3);
    }

    private static GaussianScene SceneOf(int[] records, int fileCount) => SyntheticScenes.Scene(
        new float[3 * records.Length], new float[3 * records.Length], new float[records.Length], fileIndices: records, fileCount: fileCount);
}
