using Saga.Engine.Scenes.CompressedPly;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Scenes.Sog;
using Saga.Engine.Scenes.Splat;
using Saga.Engine.Scenes.Spz;

namespace Saga.Engine.Scenes;

/// <summary>Reads 3D Gaussian splatting scenes of every format; the format is told from the file's content.</summary>
/// <remarks>
/// Every format goes through the same checks, and index i is the file's record i. A .spz scene, whose axes point right, up and back, is
/// brought to those of PLY files, right, down and forward, so that cameras fit it; all others are taken as they are.
/// </remarks>
public static partial class GaussianFile
{
    /// <summary>Reads a scene.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <param name="fileName">
    /// What messages call the file, and where its content says nothing, the hint to its format; null for the last part of the path.
    /// </param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>The usable Gaussians; what was left out is in <see cref="GaussianScene.Problems"/>.</returns>
    /// <exception cref="InvalidSceneException">Of no known format, damaged, or without a single usable Gaussian.</exception>
    public static GaussianScene Read(
        string path, GaussianReadOptions? options = null, string? fileName = null, CancellationToken cancellationToken = default)
    {
        string name = fileName ?? Path.GetFileName(path);
        using GaussianSource source = Open(path, name, cancellationToken);
        return SceneAssembly.Assemble(source, name, options ?? new GaussianReadOptions(), cancellationToken);
    }

    /// <summary>Tells a file's format.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileName">What messages call it, and a hint; null for the last part of the path.</param>
    /// <exception cref="InvalidSceneException">Of no known format, or of one that is known and not read.</exception>
    public static GaussianFileFormat FormatOf(string path, string? fileName = null) =>
        FormatDetection.Detect(path, fileName ?? Path.GetFileName(path));

    /// <summary>The usual extension of a format's files, with its dot.</summary>
    public static string ExtensionOf(GaussianFileFormat format) => format switch
    {
        GaussianFileFormat.Ply => ".ply",
        GaussianFileFormat.CompressedPly => ".compressed.ply",
        GaussianFileFormat.Splat => ".splat",
        GaussianFileFormat.Spz => ".spz",
        _ => ".sog",
    };

    internal static GaussianSource Open(string path, string fileName, CancellationToken cancellationToken) =>
        FormatDetection.Detect(path, fileName) switch
        {
            GaussianFileFormat.Ply => OpenPly(path, fileName, cancellationToken),
            GaussianFileFormat.CompressedPly => CompressedPlySource.Open(path, ReadPlyHeader(path, fileName), fileName),
            GaussianFileFormat.Splat => SplatSource.Open(path, fileName),
            GaussianFileFormat.Spz => SpzFile.Open(path, fileName, cancellationToken),
            _ => SogFile.Open(path, fileName, cancellationToken),
        };

    private static GaussianRecordSource OpenPly(string path, string fileName, CancellationToken cancellationToken)
    {
        FileStream file = GaussianPlyReader.OpenFile(path);
        try
        {
            return GaussianRecordSource.Open(file, PlyHeaderReader.Read(file, fileName), fileName, cancellationToken);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static PlyHeader ReadPlyHeader(string path, string fileName)
    {
        using FileStream file = GaussianPlyReader.OpenFile(path);
        return PlyHeaderReader.Read(file, fileName);
    }
}
