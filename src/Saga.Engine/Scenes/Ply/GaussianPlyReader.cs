namespace Saga.Engine.Scenes.Ply;

/// <summary>What to read of a Gaussian PLY file.</summary>
/// <param name="IncludeColors">False leaves the spherical harmonics out of memory; which Gaussians are usable does not change.</param>
/// <param name="MaxShDegree">Highest degree of the spherical harmonics that is kept, 0..3; 0 is the colour without its view-dependent part.</param>
public sealed record PlyReadOptions(bool IncludeColors = true, int MaxShDegree = 3);

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
/// <remarks>
/// (1) A first pass checks every record and keeps the means. (2) The usable ones are ordered along a Morton curve. (3) A second pass
/// writes every record straight to its place. The file is read twice from the system's cache and never held twice in memory.
/// </remarks>
public static class GaussianPlyReader
{
    /// <summary>Reads a scene.</summary>
    /// <param name="path">The PLY file.</param>
    /// <param name="options">What to read; null for everything.</param>
    /// <param name="cancellationToken">Stops within a block of records.</param>
    /// <returns>The usable Gaussians; what was left out is in <see cref="GaussianScene.Problems"/>.</returns>
    /// <exception cref="InvalidSceneException">Not a Gaussian scene, damaged, or without a single usable Gaussian.</exception>
    public static GaussianScene Read(
        string path, PlyReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        string fileName = Path.GetFileName(path);
        using FileStream file = OpenFile(path);
        PlyHeader header = PlyHeaderReader.Read(file, fileName);
        GaussianRecordSource source = GaussianRecordSource.Open(file, header, fileName, cancellationToken);

        (float[] means, GaussianDefect[] defects) = CheckAll(source, cancellationToken);
        SceneProblem? problem = GaussianChecks.Describe(defects);
        int[] usable = Usable(defects);
        if (usable.Length == 0)
        {
            throw new InvalidSceneException($"{fileName}: no usable Gaussian is left. {problem!.Detail}");
        }

        int[] order = MortonOrder.Sort(means, usable, SceneBounds.Of(Compact(means, usable)));
        return Collect(source, order, options ?? new PlyReadOptions(), problem, cancellationToken);
    }

    /// <summary>Reads a file's header alone and holds its claims against the file's length.</summary>
    /// <param name="path">The PLY file.</param>
    /// <exception cref="InvalidSceneException">Not a Gaussian scene, or truncated.</exception>
    public static GaussianPlySummary Inspect(string path)
    {
        string fileName = Path.GetFileName(path);
        using FileStream file = OpenFile(path);
        PlyHeader header = PlyHeaderReader.Read(file, fileName);
        GaussianRecordSource source = GaussianRecordSource.Open(file, header, fileName);
        return new GaussianPlySummary(
            source.Count, source.Layout.ShDegree, header.Format, [.. source.Layout.Vertex.Properties.Select(p => p.Name)]);
    }

    // No FileStream buffer: every reader above brings its own.
    internal static FileStream OpenFile(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private static (float[] Means, GaussianDefect[] Defects) CheckAll(GaussianRecordSource source, CancellationToken cancellationToken)
    {
        var means = new float[3 * source.Count];
        var defects = new GaussianDefect[source.Count];
        source.ForEach(
            (fileIndex, values) =>
            {
                defects[fileIndex] = GaussianChecks.Check(values);
                values.Slice(GaussianRecordLayout.Mean, 3).CopyTo(means.AsSpan(3 * fileIndex));
            },
            cancellationToken);
        return (means, defects);
    }

    private static int[] Usable(GaussianDefect[] defects)
    {
        var usable = new int[defects.AsSpan().Count(GaussianDefect.None)];
        int next = 0;
        for (int i = 0; i < defects.Length; i++)
        {
            if (defects[i] == GaussianDefect.None)
            {
                usable[next++] = i;
            }
        }

        return usable;
    }

    private static float[] Compact(float[] means, int[] usable)
    {
        if (3 * usable.Length == means.Length)
        {
            return means;
        }

        var compact = new float[3 * usable.Length];
        for (int i = 0; i < usable.Length; i++)
        {
            means.AsSpan(3 * usable[i], 3).CopyTo(compact.AsSpan(3 * i));
        }

        return compact;
    }

    private static GaussianScene Collect(
        GaussianRecordSource source, int[] order, PlyReadOptions options, SceneProblem? problem, CancellationToken cancellationToken)
    {
        int count = order.Length;
        int degree = Math.Min(source.Layout.ShDegree, options.MaxShDegree);
        int colors = options.IncludeColors ? 3 * (degree + 1) * (degree + 1) : 0;
        var scene = new GaussianScene
        {
            Means = GC.AllocateUninitializedArray<float>(3 * count),
            LogScales = GC.AllocateUninitializedArray<float>(3 * count),
            Rotations = GC.AllocateUninitializedArray<float>(4 * count),
            OpacityLogits = GC.AllocateUninitializedArray<float>(count),
            ShCoefficients = GC.AllocateUninitializedArray<float>(colors * count),
            ShDegree = degree,
            FileIndices = order,
            FileGaussianCount = source.Count,
            Problems = problem is null ? [] : [problem],
        };

        int[] engineIndices = Invert(order, source.Count);
        source.ForEach(
            (fileIndex, values) =>
            {
                int i = engineIndices[fileIndex];
                if (i < 0)
                {
                    return;
                }

                GaussianChecks.Normalize(values);
                values.Slice(GaussianRecordLayout.Mean, 3).CopyTo(scene.Means.AsSpan(3 * i));
                values.Slice(GaussianRecordLayout.Scale, 3).CopyTo(scene.LogScales.AsSpan(3 * i));
                values.Slice(GaussianRecordLayout.Rotation, 4).CopyTo(scene.Rotations.AsSpan(4 * i));
                scene.OpacityLogits[i] = values[GaussianRecordLayout.Opacity];
                values.Slice(GaussianRecordLayout.Color, colors).CopyTo(scene.ShCoefficients.AsSpan(colors * i));
            },
            cancellationToken);
        return scene;
    }

    private static int[] Invert(int[] order, int fileCount)
    {
        var engineIndices = new int[fileCount];
        Array.Fill(engineIndices, -1);
        for (int i = 0; i < order.Length; i++)
        {
            engineIndices[order[i]] = i;
        }

        return engineIndices;
    }
}
