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
/// (1) A pass over the file checks every record and keeps all but the colours. (2) The usable Gaussians are ordered along a Morton
/// curve and moved to their places. (3) Colours, the greater part, are written straight to their places by a second pass over the
/// file, and only when they are asked for. So nothing but 44 bytes a Gaussian is ever held twice.
/// </remarks>
public static class GaussianPlyReader
{
    // Opacity, scales and rotation stand one after another in the reader's order.
    private const int ShapeFloats = GaussianRecordLayout.Color - GaussianRecordLayout.Opacity;

    private const int GaussiansPerBatch = 16_384;

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

        (float[] means, float[] shapes, GaussianDefect[] defects) = CheckAll(source, cancellationToken);
        SceneProblem? problem = GaussianChecks.Describe(defects);
        int[] usable = Usable(defects);
        if (usable.Length == 0)
        {
            throw new InvalidSceneException($"{fileName}: no usable Gaussian is left. {problem!.Detail}");
        }

        int[] order = MortonOrder.Sort(means, usable, SceneBounds.Of(Compact(means, usable)));
        options ??= new PlyReadOptions();
        int degree = Math.Min(source.Layout.ShDegree, options.MaxShDegree);
        int colors = options.IncludeColors ? 3 * (degree + 1) * (degree + 1) : 0;
        GaussianScene scene = Arrange(means, shapes, order, colors, degree, source.Count, problem);
        if (colors > 0)
        {
            ReadColors(source, order, colors, scene.ShCoefficients, cancellationToken);
        }

        return scene;
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

    // Means [count, 3] and opacity, scales, rotation [count, ShapeFloats], in file order; those of unusable records mean nothing.
    private static (float[] Means, float[] Shapes, GaussianDefect[] Defects) CheckAll(
        GaussianRecordSource source, CancellationToken cancellationToken)
    {
        float[] means = GC.AllocateUninitializedArray<float>(3 * source.Count);
        float[] shapes = GC.AllocateUninitializedArray<float>(checked(ShapeFloats * source.Count));
        var defects = new GaussianDefect[source.Count];
        source.ForEachShape(
            (fileIndex, values) =>
            {
                values.Slice(GaussianRecordLayout.Mean, 3).CopyTo(means.AsSpan(3 * fileIndex));
                defects[fileIndex] = GaussianChecks.Check(values);
                if (defects[fileIndex] == GaussianDefect.None)
                {
                    GaussianChecks.Normalize(values);
                    values.Slice(GaussianRecordLayout.Opacity, ShapeFloats).CopyTo(shapes.AsSpan(ShapeFloats * fileIndex));
                }
            },
            cancellationToken);
        return (means, shapes, defects);
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

    private static GaussianScene Arrange(
        float[] means, float[] shapes, int[] order, int colors, int degree, int fileCount, SceneProblem? problem)
    {
        int count = order.Length;
        var scene = new GaussianScene
        {
            Means = GC.AllocateUninitializedArray<float>(3 * count),
            LogScales = GC.AllocateUninitializedArray<float>(3 * count),
            Rotations = GC.AllocateUninitializedArray<float>(4 * count),
            OpacityLogits = GC.AllocateUninitializedArray<float>(count),
            ShCoefficients = GC.AllocateUninitializedArray<float>(checked(colors * count)),
            ShDegree = degree,
            FileIndices = order,
            FileGaussianCount = fileCount,
            Problems = problem is null ? [] : [problem],
        };

        Parallel.For(0, (count + GaussiansPerBatch - 1) / GaussiansPerBatch, batch =>
        {
            for (int i = batch * GaussiansPerBatch; i < Math.Min(count, (batch + 1) * GaussiansPerBatch); i++)
            {
                means.AsSpan(3 * order[i], 3).CopyTo(scene.Means.AsSpan(3 * i));
                ReadOnlySpan<float> shape = shapes.AsSpan(ShapeFloats * order[i], ShapeFloats);
                scene.OpacityLogits[i] = shape[0];
                shape.Slice(GaussianRecordLayout.Scale - GaussianRecordLayout.Opacity, 3).CopyTo(scene.LogScales.AsSpan(3 * i));
                shape.Slice(GaussianRecordLayout.Rotation - GaussianRecordLayout.Opacity, 4).CopyTo(scene.Rotations.AsSpan(4 * i));
            }
        });
        return scene;
    }

    private static void ReadColors(
        GaussianRecordSource source, int[] order, int colors, float[] coefficients, CancellationToken cancellationToken)
    {
        int[] engineIndices = Invert(order, source.Count);
        source.ForEach(
            (fileIndex, values) =>
            {
                int i = engineIndices[fileIndex];
                if (i >= 0)
                {
                    values.Slice(GaussianRecordLayout.Color, colors).CopyTo(coefficients.AsSpan(colors * i));
                }
            },
            cancellationToken);
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
