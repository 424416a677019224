namespace Saga.Engine.Scenes;

/// <summary>Makes a scene of a file's records, whatever the file's format.</summary>
/// <remarks>
/// (1) A pass over the file checks every record and keeps all but the colours. (2) The usable Gaussians are ordered along a Morton
/// curve and moved to their places. (3) Colours, the greater part, are written straight to their places by a second pass over the
/// file, and only when they are asked for. So nothing but 44 bytes a Gaussian is ever held twice.
/// </remarks>
internal static class SceneAssembly
{
    // Opacity, scales and rotation stand one after another in the reader's order.
    private const int ShapeFloats = GaussianValues.Color - GaussianValues.Opacity;

    private const int GaussiansPerBatch = 16_384;

    /// <summary>Reads a scene.</summary>
    /// <exception cref="InvalidSceneException">Damaged, too large, or without a single usable Gaussian.</exception>
    public static GaussianScene Assemble(
        GaussianSource source, string fileName, GaussianReadOptions options, CancellationToken cancellationToken)
    {
        int most = Array.MaxLength / Math.Max(ShapeFloats, GaussianValues.ColorCount(source.ShDegree));
        if (source.Count > most)
        {
            throw new InvalidSceneException(
                $"{fileName}: {source.Count} Gaussians with colours of degree {source.ShDegree}; at most {most} can be held in memory.");
        }

        (float[] means, float[] shapes, GaussianDefect[] defects) = CheckAll(source, cancellationToken);
        SceneProblem? ignored = GaussianChecks.Describe(defects);
        int[] usable = Usable(defects);
        if (usable.Length == 0)
        {
            throw new InvalidSceneException($"{fileName}: no usable Gaussian is left. {ignored!.Detail}");
        }

        int[] order = MortonOrder.Sort(means, usable, SceneBounds.Of(Compact(means, usable)));
        int degree = Math.Min(source.ShDegree, options.MaxShDegree);
        int colors = options.IncludeColors ? GaussianValues.ColorCount(degree) : 0;
        IReadOnlyList<SceneProblem> problems = [.. new[] { ignored, source.Problem }.OfType<SceneProblem>()];
        GaussianScene scene = Arrange(means, shapes, order, colors, degree, source.Count, problems);
        if (colors > 0)
        {
            ReadColors(source, order, colors, scene.ShCoefficients, cancellationToken);
        }

        return scene;
    }

    // Means [count, 3] and opacity, scales, rotation [count, ShapeFloats], in file order; those of unusable records mean nothing.
    private static (float[] Means, float[] Shapes, GaussianDefect[] Defects) CheckAll(
        GaussianSource source, CancellationToken cancellationToken)
    {
        float[] means = GC.AllocateUninitializedArray<float>(3 * source.Count);
        float[] shapes = GC.AllocateUninitializedArray<float>(checked(ShapeFloats * source.Count));
        var defects = new GaussianDefect[source.Count];
        source.ForEachShape(
            (fileIndex, values) =>
            {
                values.Slice(GaussianValues.Mean, 3).CopyTo(means.AsSpan(3 * fileIndex));
                defects[fileIndex] = GaussianChecks.Check(values);
                if (defects[fileIndex] == GaussianDefect.None)
                {
                    GaussianChecks.Normalize(values);
                    values.Slice(GaussianValues.Opacity, ShapeFloats).CopyTo(shapes.AsSpan(ShapeFloats * fileIndex));
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
        float[] means, float[] shapes, int[] order, int colors, int degree, int fileCount,
        IReadOnlyList<SceneProblem> problems)
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
            Problems = problems,
        };

        Parallel.For(0, (count + GaussiansPerBatch - 1) / GaussiansPerBatch, batch =>
        {
            for (int i = batch * GaussiansPerBatch; i < Math.Min(count, (batch + 1) * GaussiansPerBatch); i++)
            {
                means.AsSpan(3 * order[i], 3).CopyTo(scene.Means.AsSpan(3 * i));
                ReadOnlySpan<float> shape = shapes.AsSpan(ShapeFloats * order[i], ShapeFloats);
                scene.OpacityLogits[i] = shape[0];
                shape.Slice(GaussianValues.Scale - GaussianValues.Opacity, 3).CopyTo(scene.LogScales.AsSpan(3 * i));
                shape.Slice(GaussianValues.Rotation - GaussianValues.Opacity, 4).CopyTo(scene.Rotations.AsSpan(4 * i));
            }
        });
        return scene;
    }

    private static void ReadColors(
        GaussianSource source, int[] order, int colors, float[] coefficients, CancellationToken cancellationToken)
    {
        int[] engineIndices = Invert(order, source.Count);
        source.ForEach(
            (fileIndex, values) =>
            {
                int i = engineIndices[fileIndex];
                if (i >= 0)
                {
                    values.Slice(GaussianValues.Color, colors).CopyTo(coefficients.AsSpan(colors * i));
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
