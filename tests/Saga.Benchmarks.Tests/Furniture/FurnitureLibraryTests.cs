using System.Numerics;
using Saga.Benchmarks.Furniture;

namespace Saga.Benchmarks.Tests.Furniture;

public sealed class FurnitureLibraryTests
{
    [Fact]
    public void Models_of_several_parts_are_drawn_but_none_of_playroom_and_no_two_of_a_kind()
    {
        using var toys = new ToyLibrary();

        List<FurnitureModel> models = FurnitureLibrary.Choose(toys.Path, 3, seed: 1);

        Assert.Equal(["lamp", "shelf", "stool"], models.Select(model => model.Name.TrimEnd('2')).Order());
        Assert.All(models, model => Assert.Equal([new Vector3(0.9f, 0.2f, 0.1f), new Vector3(0.1f, 0.3f, 0.8f)], model.Colors));
    }

    [Fact]
    public void The_seed_decides_the_models()
    {
        using var toys = new ToyLibrary();
        string Names(long seed) => string.Join(' ', FurnitureLibrary.Choose(toys.Path, 3, seed).Select(model => model.Name));

        Assert.Equal(Names(1), Names(1));
        Assert.True(Enumerable.Range(0, 10).Select(seed => Names(seed)).Distinct().Count() > 1, "ten seeds drew the same order");
    }

    [Fact]
    public void Too_few_models_are_reported()
    {
        using var toys = new ToyLibrary();

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => FurnitureLibrary.Choose(toys.Path, 4, seed: 1));

        Assert.Contains("has 3 models", error.Message, StringComparison.Ordinal);
        Assert.Contains("--objects asks for 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_library_names_the_package()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => FurnitureLibrary.Choose("nowhere.sh3f", 1, seed: 1));

        Assert.Contains("sweethome3d-furniture", error.Message, StringComparison.Ordinal);
        Assert.Contains("--library", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_library_of_the_package_has_enough_models()
    {
        if (!File.Exists(FurnitureLibrary.DebianPath))
        {
            Assert.Skip($"{FurnitureLibrary.DebianPath} is not there; it comes with Debian's package sweethome3d-furniture.");
        }

        List<FurnitureModel> models = FurnitureLibrary.Choose(FurnitureLibrary.DebianPath, 5, seed: 2);

        Assert.Equal(5, models.Count);
        Assert.All(models, model => Assert.InRange(model.Mesh.Groups.Length, 4, 60));
    }
}
