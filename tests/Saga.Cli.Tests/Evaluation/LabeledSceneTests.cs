using Saga.Cli.Evaluation;
using Saga.Engine.Images;

namespace Saga.Cli.Tests.Evaluation;

public sealed class LabeledSceneTests : IDisposable
{
    private const string Names =
        """{"objects": ["ground", "box"], "parts": [{"name": "ground", "object": 0}, {"name": "box/lid", "object": 1}, {"name": "box/foot", "object": 1}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("saga-labels-").FullName;

    public LabeledSceneTests()
    {
        WriteLabels(TinyScene.Objects, TinyScene.Parts);
        File.WriteAllText(PathOf("labels.json"), Names);
        Directory.CreateDirectory(PathOf("truth"));
        WriteMap("b", 5, 6, TinyScene.LargeView);
        WriteMap("a", 5, 4, TinyScene.SmallView);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Reads_a_folder_and_sorts_its_views_by_name()
    {
        LabeledScene scene = LabeledScene.Load(_folder);

        Assert.Equal(TinyScene.Objects, scene.ObjectOfGaussian);
        Assert.Equal(TinyScene.Parts, scene.PartOfGaussian);
        Assert.Equal(["ground", "box"], scene.Objects);
        Assert.Equal(new LabeledPart("box/foot", 1), scene.Parts[2]);
        Assert.Equal(["a", "b"], scene.Views.Select(view => view.Name));
        Assert.Equal((5, 6), (scene.Views[1].Width, scene.Views[1].Height));
        Assert.Equal(TinyScene.LargeView, scene.Views[1].Parts);
    }

    [Fact]
    public void The_sample_has_eight_objects_to_click_and_its_parts()
    {
        LabeledScene scene = LabeledScene.Load(Saga.Tests.SharedData.Playroom());

        IReadOnlyList<EvaluationTarget> targets = TargetFinder.Find(scene, new EvaluationProtocol());

        Assert.Equal(8, targets.Count(target => target.Kind == TargetKind.WholeObject));
        Assert.Equal(48, targets.Count(target => target.Kind == TargetKind.Part));
        Assert.All(targets, target =>
        {
            LabeledView view = scene.Views.First(v => v.Name == target.View);
            ushort part = view.Parts[(int)target.Y * view.Width + (int)target.X];
            Assert.Equal(target.Label, target.Kind == TargetKind.Part ? part : scene.Parts[part].Owner);
        });
    }

    [Theory]
    [InlineData("labels.npy")]
    [InlineData("labels.json")]
    public void Names_the_file_that_is_missing(string file)
    {
        File.Delete(PathOf(file));

        AssertRefused(file);
    }

    [Fact]
    public void Refuses_a_folder_without_part_maps()
    {
        Directory.Delete(PathOf("truth"), recursive: true);

        AssertRefused("truth/*.part.png");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"objects": ["ground"]}""")]
    [InlineData("""{"objects": ["ground"], "parts": [{"name": "x", "object": 7}]}""")]
    [InlineData("""{"objects": ["ground"], "parts": [{"name": "x", "object": -1}]}""")]
    public void Refuses_names_that_make_no_sense(string json)
    {
        File.WriteAllText(PathOf("labels.json"), json);

        AssertRefused("labels.json");
    }

    [Fact]
    public void Refuses_a_gaussian_whose_part_belongs_to_another_object()
    {
        WriteLabels([0], [2]);

        AssertRefused("Gaussian 0 has object 0 and part 2");
    }

    [Fact]
    public void Refuses_a_pixel_of_an_unknown_part()
    {
        WriteMap("c", 1, 1, [3]);

        AssertRefused("truth/c.part.png");
    }

    [Fact]
    public void Refuses_a_damaged_part_map()
    {
        File.WriteAllBytes(PathOf("truth", "a.part.png"), File.ReadAllBytes(PathOf("truth", "a.part.png"))[..40]);

        AssertRefused("truth/a.part.png");
    }

    [Fact]
    public void Refuses_a_camera_of_another_name_or_size()
    {
        LabeledView map = LabeledScene.Load(_folder).Views[0];

        LabeledScene.RequireCamera(map, (5, 4));
        Assert.Throws<InvalidDataException>(() => LabeledScene.RequireCamera(map, (10, 8)));
        Assert.Throws<InvalidDataException>(() => LabeledScene.RequireCamera(map, null));
    }

    private void AssertRefused(string reason)
    {
        var error = Assert.Throws<InvalidDataException>(() => LabeledScene.Load(_folder));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private string PathOf(params string[] parts) => Path.Combine([_folder, .. parts]);

    private void WriteMap(string view, int width, int height, ushort[] parts) =>
        File.WriteAllBytes(PathOf("truth", view + ".part.png"), ImageFile.EncodePngGray16(width, height, parts));

    private void WriteLabels(ushort[] objects, ushort[] parts)
    {
        byte[] header = [.. System.Text.Encoding.ASCII.GetBytes(
            $"{{'descr': '<u2', 'fortran_order': False, 'shape': ({objects.Length}, 2), }}\n")];
        byte[] body = [.. objects.Zip(parts).SelectMany(pair =>
            BitConverter.GetBytes(pair.First).Concat(BitConverter.GetBytes(pair.Second)))];
        File.WriteAllBytes(
            PathOf("labels.npy"), [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. header, .. body]);
    }
}
