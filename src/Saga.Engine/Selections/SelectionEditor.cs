using Saga.Engine.Neighbors;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Selections;

/// <summary>Edits selections of a scene along its surfaces: over the neighbour graph that <c>connected</c> prompts use.</summary>
/// <remarks>
/// Records of the file that were left out of the scene have no neighbours: growing and shrinking leave them as they are, and
/// the others drop them. The same edit gives the same bits, whatever the number of threads. Safe to share between threads.
/// </remarks>
/// <param name="scene">The scene.</param>
/// <param name="graph">Its graph; the first edit finds its rows if nothing else did.</param>
public sealed class SelectionEditor(GaussianScene scene, NeighborGraph graph)
{
    /// <summary>Most rings of one edit: more is a matter of distance.</summary>
    public const int MaxSteps = 64;

    /// <summary>
    /// Gaussians from which a piece is no floater: the length of a row. Of a smaller piece no member has all its nearest inside.
    /// </summary>
    public const int MinPieceSize = NeighborGraph.RowLength;

    /// <summary>Most threads that finding the graph's rows uses.</summary>
    public int MaxThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Adds rings of neighbours. Never leaves the component of the graph that a member is in.</summary>
    /// <param name="selection">Of this scene.</param>
    /// <param name="steps">Rings, 1..<see cref="MaxSteps"/>.</param>
    /// <param name="mayJoin">
    /// Takes engine indices of a member and of a Gaussian joined to it: whether it may be added from there; null for always.
    /// <see cref="PromptSegmenter.AlikeAt"/> stops at the border of a thing.
    /// </param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The selection belongs to another scene, or the steps are out of range.</exception>
    public GaussianSelection Grow(
        GaussianSelection selection, int steps, Func<int, int, bool>? mayJoin, CancellationToken cancellationToken)
    {
        CheckSteps(steps);
        return Edit(
            selection, true, (bits, rows) => SurfaceGrowth.ByRings(bits, rows, steps, mayJoin, cancellationToken), cancellationToken);
    }

    /// <summary>Adds what lies within a distance, measured along the graph's edges: around corners, never through the air.</summary>
    /// <param name="selection">Of this scene.</param>
    /// <param name="distance">World units, 0 or more.</param>
    /// <param name="mayJoin">As for <see cref="Grow(GaussianSelection, int, Func{int, int, bool}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The selection belongs to another scene, or the distance is no distance.</exception>
    public GaussianSelection Grow(
        GaussianSelection selection, float distance, Func<int, int, bool>? mayJoin, CancellationToken cancellationToken)
    {
        CheckDistance(distance);
        return Edit(
            selection, true,
            (bits, rows) => SurfaceGrowth.ByDistance(bits, rows, scene.Means, distance, mayJoin, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Takes away rings of members next to what is not selected: what growing everything else would add. Growing and then
    /// shrinking as much closes gaps and loses nothing; shrinking and then growing takes thin bridges and specks away.
    /// </summary>
    /// <param name="selection">Of this scene.</param>
    /// <param name="steps">Rings, 1..<see cref="MaxSteps"/>.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The selection belongs to another scene, or the steps are out of range.</exception>
    public GaussianSelection Shrink(GaussianSelection selection, int steps, CancellationToken cancellationToken)
    {
        CheckSteps(steps);
        return Shrink(selection, (bits, rows) => SurfaceGrowth.ByRings(bits, rows, steps, null, cancellationToken), cancellationToken);
    }

    /// <summary>Takes away members within a distance of what is not selected, measured along the graph's edges.</summary>
    /// <param name="selection">Of this scene.</param>
    /// <param name="distance">World units, 0 or more.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The selection belongs to another scene, or the distance is no distance.</exception>
    public GaussianSelection Shrink(GaussianSelection selection, float distance, CancellationToken cancellationToken)
    {
        CheckDistance(distance);
        return Shrink(
            selection,
            (bits, rows) => SurfaceGrowth.ByDistance(bits, rows, scene.Means, distance, null, cancellationToken),
            cancellationToken);
    }

    /// <summary>
    /// Keeps the piece with the most Gaussians; of equals the one with the smallest record. A piece is a component among members.
    /// </summary>
    /// <exception cref="ArgumentException">The selection belongs to another scene.</exception>
    public GaussianSelection LargestPiece(GaussianSelection selection, CancellationToken cancellationToken) =>
        Edit(selection, false, (bits, rows) => SurfacePieces.KeepLargest(bits, rows, scene.FileIndices), cancellationToken);

    /// <summary>Keeps the pieces that hold one of some records.</summary>
    /// <param name="selection">Of this scene.</param>
    /// <param name="records">Records of the file; those that are not selected hold nothing.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The selection belongs to another scene, or there is no such record.</exception>
    public GaussianSelection PiecesWith(GaussianSelection selection, IReadOnlyCollection<int> records, CancellationToken cancellationToken)
    {
        if (records.Any(record => record < 0 || record >= scene.FileGaussianCount))
        {
            throw new ArgumentException($"A record is none of the scene's, 0 to {scene.FileGaussianCount - 1}.", nameof(records));
        }

        HashSet<int> wanted = [.. records];
        IEnumerable<int> seeds = Enumerable.Range(0, scene.Count).Where(i => wanted.Contains(scene.FileIndices[i]));
        return Edit(
            selection, false, (bits, rows) => ConnectedSurfaces.Keep(bits, rows, NeighborGraph.RowLength, seeds), cancellationToken);
    }

    /// <summary>
    /// Drops the haze (<see cref="SurfaceHaze"/>: isolated, and faint or large), then the pieces that are left with too few
    /// Gaussians, except the largest.
    /// </summary>
    /// <param name="selection">Of this scene.</param>
    /// <param name="minPieceSize">Gaussians from which a piece stays, 1 or more; usually <see cref="MinPieceSize"/>.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The selection belongs to another scene, or the size is not positive.</exception>
    public GaussianSelection WithoutFloaters(GaussianSelection selection, int minPieceSize, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minPieceSize, 1);
        return Edit(
            selection, false,
            (bits, rows) =>
            {
                SurfaceHaze.Drop(bits, rows, scene);
                cancellationToken.ThrowIfCancellationRequested();
                SurfacePieces.KeepFrom(bits, rows, scene.FileIndices, minPieceSize);
            },
            cancellationToken);
    }

    private GaussianSelection Shrink(GaussianSelection selection, Action<ushort[], int[]> grow, CancellationToken cancellationToken) =>
        Edit(
            selection, true,
            (bits, rows) =>
            {
                EngineOrder.Invert(bits, scene.Count);
                grow(bits, rows);
                EngineOrder.Invert(bits, scene.Count);
            },
            cancellationToken);

    private GaussianSelection Edit(
        GaussianSelection selection, bool keepsLeftOut, Action<ushort[], int[]> edit, CancellationToken cancellationToken)
    {
        if (selection.GaussianCount != scene.FileGaussianCount)
        {
            throw new ArgumentException(
                $"The selection covers {selection.GaussianCount} Gaussians; the scene's file has {scene.FileGaussianCount}.",
                nameof(selection));
        }

        int[] rows = graph.Rows(MaxThreads, cancellationToken);
        ushort[] bits = EngineOrder.Of(selection, scene);
        edit(bits, rows);
        return EngineOrder.ToFile(bits, scene, keepsLeftOut ? selection : null);
    }

    private static void CheckSteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, MaxSteps);
    }

    // Comparisons with NaN are false.
    private static void CheckDistance(float distance)
    {
        if (!(distance >= 0 && float.IsFinite(distance)))
        {
            throw new ArgumentOutOfRangeException(nameof(distance), distance, "A distance is finite and 0 or more.");
        }
    }
}
