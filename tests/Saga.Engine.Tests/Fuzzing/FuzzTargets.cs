using System.Text;
using Saga.Engine.Affinity;
using Saga.Engine.Affinity.Published;
using Saga.Engine.Archives;
using Saga.Engine.Archives.Torch;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.OpenVocabulary;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Cameras;
using Saga.Engine.Tests.Scenes;
using Saga.Engine.Tests.Scenes.Formats;
using Saga.Engine.Tests.Training;
using Saga.Engine.Training;
using Saga.Tests.Archives;
using Saga.Tests.Masks;
using Saga.Tests.Onnx;

namespace Saga.Engine.Tests.Fuzzing;

/// <summary>Everything in the engine that reads what strangers upload.</summary>
internal sealed class FuzzTargets : IDisposable
{
    private const int Width = 16;
    private const int Height = 12;

    private static readonly Type[] SceneRefusals = [typeof(InvalidSceneException), typeof(InvalidArchiveException), typeof(InvalidImageException)];
    private static readonly Type[] MaskRefusals = [typeof(InvalidMaskException), typeof(InvalidArchiveException), typeof(InvalidImageException)];

    private readonly TestFolder _folder = new(inMemory: true);
    private readonly GaussianScene _scene;
    private readonly byte[] _ply;

    public FuzzTargets()
    {
        _ply = new PlyTestFile("binary_little_endian", TestGaussians.Inria(24, 1)).ToBytes();
        _scene = GaussianFile.Read(_folder.Write("source.ply", _ply));
        All =
        [
            Scene("ply", ".ply", _ply, new PlyTestFile("ascii", TestGaussians.Inria(6)).ToBytes(), new PlyTestFile("binary_big_endian", TestGaussians.Inria(6)).ToBytes()),
            Scene("compressed.ply", ".compressed.ply", Written(stream => GaussianFile.WriteCompressedPly(stream, _scene, null))),
            Scene("splat", ".splat", Written(stream => GaussianFile.WriteSplat(stream, _scene, null))),
            Scene("spz2", ".spz", Written(stream => GaussianFile.WriteSpz(stream, _scene, null, 2))) with { Container = new GzipContainer() },
            Scene("spz3", ".spz", Written(stream => GaussianFile.WriteSpz(stream, _scene, null, 3))) with { Container = new GzipContainer() },
            Scene("spz4", ".spz", Written(stream => GaussianFile.WriteSpz(stream, _scene, null, 4))),
            Scene("sog", ".sog", Written(stream => SogTestFile.Write(stream, _scene))) with { Container = new ZipContainer() },
            .. Cameras(),
            .. Masks(),
            .. Images(),
            new FuzzTarget("zip", [Zip(("a.json", [1, 2, 3]), ("b/c.png", [.. new byte[200]]))], ReadZip, [typeof(InvalidArchiveException)]),
            new FuzzTarget("torch", [TorchSeed()], ReadTorch, [typeof(InvalidArchiveException)], new ZipContainer()),
            .. Models(),
        ];
    }

    public IReadOnlyList<FuzzTarget> All { get; }

    public void Dispose() => _folder.Dispose();

    private FuzzTarget Scene(string name, string ending, params byte[][] seeds) => new(
        name, seeds, file => GaussianFile.Read(_folder.Write("fuzz" + ending, file)), SceneRefusals);

    private IEnumerable<FuzzTarget> Cameras()
    {
        SceneView[] views = CameraTestFiles.Views();
        (byte[] binaryCameras, byte[] binaryImages) = CameraTestFiles.ColmapBinary(views);
        (byte[] textCameras, byte[] textImages) = CameraTestFiles.ColmapText(views);
        yield return Camera("cameras.json", "cameras.json", CameraTestFiles.Inria(views));
        yield return Camera("transforms.json", "transforms.json", CameraTestFiles.Nerfstudio(views), CameraTestFiles.Blender(views));
        yield return Camera("colmap.bin", "colmap.zip", Zip(("sparse/0/cameras.bin", binaryCameras), ("sparse/0/images.bin", binaryImages)))
            with
        { Container = new ZipContainer() };
        yield return Camera("colmap.txt", "colmap.zip", Zip(("sparse/0/cameras.txt", textCameras), ("sparse/0/images.txt", textImages)))
            with
        { Container = new ZipContainer() };
    }

    private FuzzTarget Camera(string name, string fileName, params byte[][] seeds) => new(
        name,
        seeds,
        file => CameraFile.Read(_folder.Write(fileName, file), fileName, (640, 480)),
        [typeof(InvalidCameraException), typeof(InvalidArchiveException)]);

    private static IEnumerable<FuzzTarget> Masks()
    {
        const string json = """
            [{"segmentation": {"size": [12, 16], "counts": [5, 20, 100, 67]}, "area": 87, "bbox": [0, 0, 4, 5]},
             {"segmentation": {"size": [12, 16], "counts": ":n0h4"}, "area": 3, "predicted_iou": 0.9}]
            """;
        byte[] pixels = [.. Enumerable.Range(0, 2 * Height * Width).Select(i => (byte)(i % 3 == 0 ? 1 : 0))];
        byte[] npy = NpyBytes.Of("|b1", false, $"(2, {Height}, {Width})", pixels);
        yield return Mask("mask.json", "view.json", Encoding.UTF8.GetBytes(json));
        yield return Mask("mask.npy", "view.npy", npy);
        yield return Mask("mask.npz", "view.npz", Zip(("arr_0.npy", npy)));
        yield return Mask("mask.png", "view.png", Labels());
        yield return Mask("mask.pt", "view.pt", TorchSeed());
    }

    /// <summary>A zip with one mask file, which is what is damaged.</summary>
    private static FuzzTarget Mask(string name, string fileName, byte[] seed)
    {
        var view = new SceneView("view", new PinholeCamera(Width, Height, 10, 10, 8, 6, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)), "view.png");
        return new FuzzTarget(name, [Zip((fileName, seed))], file => MaskArchive.Read(new MemoryStream(file), [view]), MaskRefusals, new ZipContainer());
    }

    /// <summary>A map of 8 bits: grey, rows without a filter.</summary>
    private static byte[] Labels() => new PngContainer().Close(
        [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n'],
        [[0, 0, 0, Width, 0, 0, 0, Height, 8, 0, 0, 0, 0], [.. Enumerable.Range(0, Height).SelectMany(y => new byte[] { 0 }.Concat(Enumerable.Range(0, Width).Select(x => (byte)((x / 4) + y))))]]);

    private static IEnumerable<FuzzTarget> Images()
    {
        var image = new RgbImage(Width, Height, [.. Enumerable.Range(0, 3 * Width * Height).Select(i => (byte)(i * 7))]);
        byte[] png = ImageFile.EncodePng(image);
        Type[] refusals = [typeof(InvalidImageException)];
        yield return new FuzzTarget("png", [png], file => ImageFile.Decode(file), refusals, new PngContainer());
        yield return new FuzzTarget("jpeg", [ImageFile.EncodeJpeg(image)], file => ImageFile.Decode(file), refusals);
        yield return new FuzzTarget("labels.png", [Labels()], file => ImageFile.DecodeLabels(file), refusals, new PngContainer());
        yield return new FuzzTarget("shrunk", [ImageFile.EncodeJpeg(image), png], file => ImageFile.DecodeShrunk(file, 8), refusals);
    }

    private IEnumerable<FuzzTarget> Models()
    {
        AffinityModel model = Model();
        byte[] file = Written(stream => AffinityModelFile.Write(stream, model, _scene, default));
        yield return new FuzzTarget(
            "model", [file], bytes => AffinityModelFile.Read(_folder.Write("fuzz.saga", bytes), _scene, "", default), [typeof(InvalidModelException)]);
        yield return new FuzzTarget(
            "published",
            [Written(stream => PublishedModel.Write(stream, model, _scene, _folder.Write("own.ply", _ply), "own.ply", default))],
            bytes => PublishedModel.Read(_folder.Write("fuzz.zip", bytes), "fuzz.zip", _scene, "", () => model.Quantiles, default),
            [typeof(InvalidModelException)],
            new ZipContainer());
        var vocabulary = new MaskVocabulary
        {
            FeatureDimension = 4,
            EmbeddingDimension = 3,
            Views = [0, 1],
            Quantiles = [0.1f, 0.9f],
            Queries = [.. new float[8]],
            Embeddings = [.. new Half[6]],
            Clusters = [0, -1],
            Info = new MaskVocabularyInfo("aa", "bb", 1),
        };
        yield return new FuzzTarget(
            "vocabulary",
            [Written(stream => MaskVocabularyFile.Write(stream, vocabulary))],
            bytes => MaskVocabularyFile.Read(new MemoryStream(bytes), "fuzz"),
            [typeof(InvalidVocabularyException)]);
        GaussianScene scene = TrainingScenes.Scene();
        IReadOnlyList<SceneView> views = TrainingScenes.Views();
        var trainer = new AffinityTrainer(
            scene, views, TrainingScenes.Masks(scene, views), AffinityTrainingOptions.Balanced with { Iterations = 2, FeatureDimension = 8, MaxThreads = 1 });
        yield return new FuzzTarget(
            "checkpoint", [Written(trainer.SaveCheckpoint)], bytes => trainer.Restore(new MemoryStream(bytes)), [typeof(InvalidCheckpointException)]);
        string clip = Path.GetDirectoryName(_folder.Write("merges.txt", []))!;
        ColorClip.Write(clip);
        byte[] vocabularyJson = File.ReadAllBytes(Path.Combine(clip, "vocab.json"));
        string merges = Path.Combine(clip, "merges.txt");
        yield return new FuzzTarget(
            "tokens", [vocabularyJson], bytes => ClipTokenizer.Open(_folder.Write("vocab.json", bytes), merges), [typeof(InvalidVocabularyException)]);
    }

    private AffinityModel Model()
    {
        const int dimension = 8;
        return new AffinityModel
        {
            Dimension = dimension,
            Features = [.. Enumerable.Range(0, _scene.Count * dimension).Select(i => (float)Math.Sin(i + 1))],
            Gate = GateInitializer.Create(GateInitialization.ScaleLadder, dimension, 0),
            Quantiles = new ScaleQuantiles([0.1, 0.5, 1]),
            Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 0, 0, "{}", "", _scene.FileGaussianCount),
        };
    }

    private static void ReadZip(byte[] file)
    {
        using SafeZip zip = SafeZip.Open(new MemoryStream(file), new ZipLimits(MaxEntryBytes: 1 << 20, MaxTotalBytes: 4 << 20));
        foreach (SafeZipEntry entry in zip.Entries)
        {
            using Stream stream = entry.Open();
            stream.CopyTo(Stream.Null);
        }
    }

    private static void ReadTorch(byte[] file)
    {
        using TorchFile torch = TorchFile.Open(new MemoryStream(file));
    }

    private static byte[] TorchSeed() => TorchFileTests.Archive(TorchFileTests.BoolTensor, ("0", [.. Enumerable.Range(0, 24).Select(i => (byte)(i % 2))])).ToArray();

    private static byte[] Zip(params (string Name, byte[] Content)[] files) => ZipOf.Files(files).ToArray();

    private static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}
