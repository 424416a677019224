namespace Saga.Engine.Tests.Scenes;

/// <summary>Random but plausible Gaussians as rows of a PLY file, and a folder to put them in.</summary>
internal static class TestGaussians
{
    public static string[] InriaNames(int degree) =>
    [
        "x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2",
        .. Enumerable.Range(0, 3 * ((degree + 1) * (degree + 1) - 1)).Select(i => $"f_rest_{i}"),
        "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
    ];

    /// <summary>An element vertex in INRIA's layout; every number is a float, so that every format keeps it exactly.</summary>
    public static PlyTestElement Inria(int count, int degree = 0, string type = "float", int seed = 42)
    {
        Random random = new(seed);
        string[] names = InriaNames(degree);
        return new PlyTestElement(
            "vertex",
            [.. names.Select(n => (n, type))],
            [.. Enumerable.Range(0, count).Select(_ => names.Select(n => (double)(float)Value(n, random)).ToArray())]);
    }

    /// <summary>Sets one value of one row by name.</summary>
    public static PlyTestElement With(this PlyTestElement element, int row, string name, double value)
    {
        element.Rows[row][Array.FindIndex(element.Columns, c => c.Name == name)] = value;
        return element;
    }

    /// <summary>The value of a row by name.</summary>
    public static float At(this PlyTestElement element, int row, string name) =>
        (float)element.Rows[row][Array.FindIndex(element.Columns, c => c.Name == name)];

    /// <summary>Reorders the columns.</summary>
    public static PlyTestElement Shuffled(this PlyTestElement element, int seed)
    {
        int[] order = [.. Enumerable.Range(0, element.Columns.Length)];
        new Random(seed).Shuffle(order);
        element.Columns = [.. order.Select(i => element.Columns[i])];
        element.Rows = [.. element.Rows.Select(r => order.Select(i => r[i]).ToArray())];
        return element;
    }

    /// <summary>Leaves columns out.</summary>
    public static PlyTestElement Without(this PlyTestElement element, Func<string, bool> drop)
    {
        int[] kept = [.. Enumerable.Range(0, element.Columns.Length).Where(i => !drop(element.Columns[i].Name))];
        element.Columns = [.. kept.Select(i => element.Columns[i])];
        element.Rows = [.. element.Rows.Select(r => kept.Select(i => r[i]).ToArray())];
        return element;
    }

    private static double Value(string name, Random random) => name switch
    {
        "x" or "y" or "z" => random.NextDouble() * 10 - 5,
        "nx" or "ny" or "nz" => 0,
        "opacity" => random.NextDouble() * 8 - 4,
        _ when name.StartsWith("scale", StringComparison.Ordinal) => random.NextDouble() * 4 - 6,
        _ when name.StartsWith("rot", StringComparison.Ordinal) => random.NextDouble() * 2 - 1,
        _ => random.NextDouble() - 0.5,
    };
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <param name="inMemory">For a million small files, where the machine has a folder that is no disk.</param>
    public TestFolder(bool inMemory = false) => Path = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory($"{Memory}/saga-test-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("saga-test-").FullName;

    public string Path { get; }

    public string Write(string name, byte[] bytes)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
