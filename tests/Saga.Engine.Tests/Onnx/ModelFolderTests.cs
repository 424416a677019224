using Saga.Engine.Onnx;

namespace Saga.Engine.Tests.Onnx;

public sealed class ModelFolderTests : IDisposable
{
    private readonly string _models = Directory.CreateTempSubdirectory("saga-models-").FullName;

    public void Dispose() => Directory.Delete(_models, true);

    [Fact]
    public void A_missing_file_is_refused_with_its_place_and_the_way_to_get_it()
    {
        var folder = new ModelFolder(_models, "sam");

        string message = Assert.Throws<MissingModelException>(() => folder.PathOf("encoder.onnx")).Message;

        Assert.False(folder.Has("encoder.onnx"));
        Assert.Empty(folder.Files);
        Assert.Contains("encoder.onnx", message);
        Assert.Contains(folder.FullPath, message);
        Assert.Contains("./run models", message);
    }

    [Fact]
    public void Lists_files_by_name_without_hidden_ones_and_folders()
    {
        var folder = new ModelFolder(_models, "sam");
        Write("b.onnx", "12345");
        Write("a.onnx", "1");
        Write(".partial", "x");
        Directory.CreateDirectory(Path.Combine(folder.FullPath, "c"));

        Assert.Equal([new ModelFile("a.onnx", 1), new ModelFile("b.onnx", 5)], folder.Files);
        Assert.Equal(Path.Combine(folder.FullPath, "a.onnx"), folder.PathOf("a.onnx"));
    }

    [Fact]
    public void The_hash_changes_with_a_byte_a_name_and_a_data_file_and_with_nothing_else()
    {
        var folder = new ModelFolder(_models, "sam");
        Write("a.onnx", "12345");
        string first = folder.ComputeHash(default);
        File.SetLastWriteTimeUtc(folder.PathOf("a.onnx"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(first, folder.ComputeHash(default));

        Write("a.onnx", "12346");
        string byteChanged = folder.ComputeHash(default);
        Write("a.onnx", "12345");
        Write("a.data", "");
        string dataAdded = folder.ComputeHash(default);
        File.Delete(folder.PathOf("a.data"));
        File.Move(folder.PathOf("a.onnx"), Path.Combine(folder.FullPath, "b.onnx"));
        string renamed = folder.ComputeHash(default);

        Assert.Equal(4, new[] { first, byteChanged, dataAdded, renamed }.Distinct().Count());
        Assert.Matches("^[0-9a-f]{64}$", first);
    }

    [Fact]
    public void Follows_a_link_to_a_model_that_lies_elsewhere()
    {
        string elsewhere = Path.Combine(_models, "elsewhere.onnx");
        File.WriteAllText(elsewhere, "1234567");
        var folder = new ModelFolder(_models, "sam");
        Directory.CreateDirectory(folder.FullPath);
        File.CreateSymbolicLink(Path.Combine(folder.FullPath, "encoder.onnx"), elsewhere);

        Assert.Equal([new ModelFile("encoder.onnx", 7)], folder.Files);
        Assert.True(folder.Has("encoder.onnx"));
    }

    [Fact]
    public void Hashing_stops_when_cancelled()
    {
        Write("a.onnx", "12345");
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => new ModelFolder(_models, "sam").ComputeHash(stop.Token));
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(_models, "sam"));
        File.WriteAllText(Path.Combine(_models, "sam", name), text);
    }
}
