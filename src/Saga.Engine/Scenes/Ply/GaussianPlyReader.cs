namespace Saga.Engine.Scenes.Ply;

/// <summary>What a Gaussian PLY file's header says, held against the file's length.</summary>
/// <param name="GaussianCount">Records, valid or not.</param>
/// <param name="ShDegree">Spherical-harmonics degree, 0..3.</param>
/// <param name="Format">How the numbers are stored.</param>
/// <param name="PropertyNames">The records' properties in file order.</param>
public sealed record GaussianPlySummary(int GaussianCount, int ShDegree, PlyFormat Format, IReadOnlyList<string> PropertyNames);

/// <summary>
/// Reads 3D Gaussian splatting scenes from PLY files: properties by name, in any order, float or double, binary of either byte order
/// or text, with or without normals and other extras.
/// </summary>
public static class GaussianPlyReader
{
    /// <summary>Reads a scene.</summary>
    /// <param name="path">The PLY file.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>The usable Gaussians; what was left out is in <see cref="GaussianScene.Problems"/>.</returns>
    /// <exception cref="InvalidSceneException">Not a Gaussian scene, damaged, or without a single usable Gaussian.</exception>
    public static GaussianScene Read(
        string path, GaussianReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        string fileName = Path.GetFileName(path);
        using FileStream file = OpenFile(path);
        using GaussianRecordSource source = Open(file, fileName, cancellationToken);
        return SceneAssembly.Assemble(source, fileName, options ?? new GaussianReadOptions(), cancellationToken);
    }

    /// <summary>Reads a file's header alone and holds its claims against the file's length.</summary>
    /// <param name="path">The PLY file.</param>
    /// <exception cref="InvalidSceneException">Not a Gaussian scene, or truncated.</exception>
    public static GaussianPlySummary Inspect(string path)
    {
        string fileName = Path.GetFileName(path);
        using FileStream file = OpenFile(path);
        PlyHeader header = PlyHeaderReader.Read(file, fileName);
        using GaussianRecordSource source = GaussianRecordSource.Open(file, header, fileName);
        return new GaussianPlySummary(
            source.Count, source.Layout.ShDegree, header.Format, [.. source.Layout.Vertex.Properties.Select(p => p.Name)]);
    }

    // No FileStream buffer: every reader above brings its own.
    internal static FileStream OpenFile(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private static GaussianRecordSource Open(FileStream file, string fileName, CancellationToken cancellationToken) =>
        GaussianRecordSource.Open(file, PlyHeaderReader.Read(file, fileName), fileName, cancellationToken);
}
