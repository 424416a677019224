namespace Saga.Engine.Scenes.Ply;

/// <summary>
/// Where a Gaussian's values stand in a vertex record. The reader's own order is that of
/// <see cref="GaussianValues"/>.
/// </summary>
internal sealed class GaussianRecordLayout
{
    private static readonly string[] Geometry =
        ["x", "y", "z", "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"];

    private GaussianRecordLayout(PlyElement vertex, int[] columns, int shDegree)
    {
        Vertex = vertex;
        Columns = columns;
        ShDegree = shDegree;
    }

    /// <summary>The element that holds the Gaussians.</summary>
    public PlyElement Vertex { get; }

    /// <summary>For each value in the reader's order, its property's position in <see cref="Vertex"/>.</summary>
    public int[] Columns { get; }

    /// <summary>Spherical-harmonics degree, 0..3.</summary>
    public int ShDegree { get; }

    /// <summary>Colour values of one Gaussian: 3·(degree+1)².</summary>
    public int ColorCount => Columns.Length - GaussianValues.Color;

    /// <summary>Finds the properties of a Gaussian scene by name.</summary>
    /// <exception cref="InvalidSceneException">Missing properties, wrong types, or a colour degree that does not exist.</exception>
    public static GaussianRecordLayout Find(PlyHeader header, string fileName)
    {
        if (header.VertexElement < 0)
        {
            throw new InvalidSceneException($"{fileName}: the file has no element vertex; a Gaussian scene keeps its Gaussians there.");
        }

        PlyElement vertex = header.Elements[header.VertexElement];
        Dictionary<string, int> columns =
            vertex.Properties.Select((p, i) => (p.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        PlyProperty? list = vertex.Properties.FirstOrDefault(p => p.ListCountType is not null);
        if (list is not null)
        {
            throw new InvalidSceneException(
                $"{fileName}: vertex property {PlyHeaderReader.Shorten(list.Name)} is a list; a Gaussian's properties are single numbers.");
        }

        int restCount = columns.Keys.Count(name => name.StartsWith("f_rest_", StringComparison.Ordinal));
        RefuseMissing(columns, fileName);
        int degree = restCount switch
        {
            0 => 0,
            9 => 1,
            24 => 2,
            45 => 3,
            _ => throw new InvalidSceneException(
                $"{fileName}: the file has {restCount} f_rest properties; expected 0, 9, 24 or 45 (spherical harmonics of degree 0 to 3)."),
        };

        string[] names = [.. Geometry, .. ColorNames(degree)];
        var found = new int[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            found[i] = columns.TryGetValue(names[i], out int column)
                ? column
                : throw new InvalidSceneException(
                    $"{fileName}: property {names[i]} is missing; with {restCount} f_rest properties they are f_rest_0 to f_rest_{restCount - 1}.");
            PlyScalar type = vertex.Properties[column].Type;
            if (type is not (PlyScalar.Float32 or PlyScalar.Float64))
            {
                throw new InvalidSceneException(
                    $"{fileName}: property {names[i]} is of type {type}; a Gaussian's values are float or double.");
            }
        }

        return new GaussianRecordLayout(vertex, found, degree);
    }

    /// <summary>
    /// Finds the properties of a cloud of affinity features, as the original SAGA program writes it: a Gaussian's geometry, and
    /// f_0, f_1, … in place of colours.
    /// </summary>
    /// <returns>A layout whose colours are the features, f_0 first.</returns>
    /// <exception cref="InvalidSceneException">Missing properties or wrong types.</exception>
    public static GaussianRecordLayout FindFeatures(PlyHeader header, string fileName)
    {
        PlyElement? vertex = header.VertexElement < 0 ? null : header.Elements[header.VertexElement];
        Dictionary<string, int> columns = (vertex?.Properties ?? []).Select((p, i) => (p, i))
            .Where(p => p.p.ListCountType is null && p.p.Type is PlyScalar.Float32 or PlyScalar.Float64)
            .ToDictionary(p => p.p.Name, p => p.i, StringComparer.Ordinal);
        int features = 0;
        while (columns.ContainsKey($"f_{features}"))
        {
            features++;
        }

        string[] names = [.. Geometry, .. Enumerable.Range(0, features).Select(i => $"f_{i}")];
        string? missing = Array.Find(names, name => !columns.ContainsKey(name)) ?? (features == 0 ? "f_0" : null);
        return missing is null
            ? new GaussianRecordLayout(vertex!, [.. names.Select(name => columns[name])], 0)
            : throw new InvalidSceneException(
                $"{fileName}: property {missing} is missing or no float; a cloud of affinity features has x, y, z, opacity, scale_0..2, "
                + "rot_0..3 and f_0, f_1 and so on.");
    }

    /// <summary>Names of the colour properties in the reader's order: the file keeps all reds, then all greens, then all blues.</summary>
    public static IEnumerable<string> ColorNames(int degree)
    {
        int restPerChannel = (degree + 1) * (degree + 1) - 1;
        for (int channel = 0; channel < 3; channel++)
        {
            yield return $"f_dc_{channel}";
        }

        for (int coefficient = 0; coefficient < restPerChannel; coefficient++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                yield return $"f_rest_{channel * restPerChannel + coefficient}";
            }
        }
    }

    private static void RefuseMissing(Dictionary<string, int> columns, string fileName)
    {
        string[] missing = [.. Geometry.Concat(ColorNames(0)).Where(name => !columns.ContainsKey(name))];
        if (missing.Length == 0)
        {
            return;
        }

        const string needed = "a Gaussian scene needs x, y, z, opacity, scale_0..2, rot_0..3 and f_dc_0..2";
        if (columns.ContainsKey("packed_position"))
        {
            throw new InvalidSceneException(
                $"{fileName}: this is a compressed PLY (packed_position); export the scene as an uncompressed PLY: {needed}.");
        }

        bool anyGaussian = Geometry.Skip(3).Any(columns.ContainsKey);
        string what = anyGaussian
            ? missing.Length == 1 ? $"property {missing[0]} is missing" : $"properties {string.Join(", ", missing)} are missing"
            : $"this is a mesh or a point cloud, not a Gaussian scene: properties {string.Join(", ", missing)} are missing";
        throw new InvalidSceneException($"{fileName}: {what}; {needed}.");
    }
}
