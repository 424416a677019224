using Saga.Engine.Scenes.CompressedPly;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Scenes.Splat;
using Saga.Engine.Scenes.Spz;

namespace Saga.Engine.Scenes;

/// <content>Writing.</content>
public static partial class GaussianFile
{
    /// <summary>Versions of .spz that are written.</summary>
    public const int OldestSpzVersion = SpzWriter.OldestVersion;

    /// <summary>The version that is written unless another is asked for.</summary>
    public const int NewestSpzVersion = SpzWriter.NewestVersion;

    /// <summary>
    /// Writes records of a file as PLY, ascending: those of a PLY byte for byte as they are, all others in the layout of the original
    /// 3DGS training. Unusable records count as well, so that index i of all records is record i of the file.
    /// </summary>
    /// <param name="sourcePath">A file of any format.</param>
    /// <param name="target">Receives the file.</param>
    /// <param name="keep">Whether a record is chosen; must answer the same each time.</param>
    /// <param name="labelOf">The label of a record, written as a further property <c>label</c>; null for none.</param>
    /// <param name="fileName">What messages call the source; null for the last part of the path.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>Number of records written; a file of none is a valid file.</returns>
    /// <exception cref="InvalidSceneException">The source is no Gaussian scene, or it has labels already.</exception>
    public static int WritePly(
        string sourcePath, Stream target, Func<int, bool> keep, Func<int, uint>? labelOf = null, string? fileName = null,
        CancellationToken cancellationToken = default)
    {
        string name = fileName ?? Path.GetFileName(sourcePath);
        if (FormatDetection.Detect(sourcePath, name) == GaussianFileFormat.Ply)
        {
            return GaussianPlySubset.Write(sourcePath, keep, labelOf, target, cancellationToken);
        }

        using GaussianSource source = Open(sourcePath, name, cancellationToken);
        return GaussianPlyWriter.Write(source, keep, labelOf, target, cancellationToken);
    }

    /// <summary>Writes Gaussians of a scene as .splat, in the order of the file's records; view-dependent colours are left out.</summary>
    /// <param name="target">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <param name="keep">Whether a record is chosen; null for all.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>The records in the order they were written.</returns>
    /// <exception cref="ArgumentException">The scene was read without colours.</exception>
    public static int[] WriteSplat(
        Stream target, GaussianScene scene, Func<int, bool>? keep, CancellationToken cancellationToken = default)
    {
        int[] chosen = InFileOrder(scene, Choose(scene, keep));
        SplatWriter.Write(target, scene, chosen, cancellationToken);
        return Records(scene, chosen);
    }

    /// <summary>
    /// Writes Gaussians of a scene as .spz, in the order of the file's records: means to 1/4096 of a unit where they lie within ±2048,
    /// colours, scales and opacities in 8 bits.
    /// </summary>
    /// <param name="target">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <param name="keep">Whether a record is chosen; null for all.</param>
    /// <param name="version"><see cref="OldestSpzVersion"/> to <see cref="NewestSpzVersion"/>.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The records in the order they were written.</returns>
    /// <exception cref="ArgumentException">The scene was read without colours.</exception>
    /// <exception cref="InvalidSceneException">Nothing is chosen, or a Gaussian lies too far out; nothing was written.</exception>
    public static int[] WriteSpz(
        Stream target, GaussianScene scene, Func<int, bool>? keep, int version = NewestSpzVersion,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, OldestSpzVersion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, NewestSpzVersion);
        int[] chosen = InFileOrder(scene, Choose(scene, keep));
        RefuseNone(chosen, ".spz");
        SpzWriter.Write(target, scene, chosen, version, cancellationToken);
        return Records(scene, chosen);
    }

    /// <summary>
    /// Writes Gaussians of a scene as compressed PLY, along a curve through space, as neighbours share their bounds in it: 10 or 11 bits
    /// of a chunk's box for each coordinate.
    /// </summary>
    /// <param name="target">Receives the file.</param>
    /// <param name="scene">Read with colours.</param>
    /// <param name="keep">Whether a record is chosen; null for all.</param>
    /// <param name="cancellationToken">Stops within a chunk.</param>
    /// <returns>The records in the order they were written.</returns>
    /// <exception cref="ArgumentException">The scene was read without colours.</exception>
    /// <exception cref="InvalidSceneException">Nothing is chosen; nothing was written.</exception>
    public static int[] WriteCompressedPly(
        Stream target, GaussianScene scene, Func<int, bool>? keep, CancellationToken cancellationToken = default)
    {
        int[] chosen = Choose(scene, keep);
        RefuseNone(chosen, ".compressed.ply");
        CompressedPlyWriter.Write(target, scene, chosen, cancellationToken);
        return Records(scene, chosen);
    }

    private static int[] Choose(GaussianScene scene, Func<int, bool>? keep) => scene.HasColors
        ? [.. Enumerable.Range(0, scene.Count).Where(i => keep is null || keep(scene.FileIndices[i]))]
        : throw new ArgumentException("The scene was read without colours and cannot be written whole.", nameof(scene));

    private static int[] InFileOrder(GaussianScene scene, int[] chosen)
    {
        int[] records = Records(scene, chosen);
        Array.Sort(records, chosen);
        return chosen;
    }

    private static int[] Records(GaussianScene scene, int[] chosen) => [.. chosen.Select(i => scene.FileIndices[i])];

    private static void RefuseNone(int[] chosen, string format)
    {
        if (chosen.Length == 0)
        {
            throw new InvalidSceneException($"No usable Gaussian is chosen; a {format} file of none cannot be read. Choose at least one.");
        }
    }
}
