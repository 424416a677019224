using System.Text.Json;
using System.Text.Json.Serialization;

namespace Saga.Cli.Evaluation;

/// <summary>A scene whose objects and parts are known: the labels of its Gaussians and of the pixels of its views.</summary>
/// <remarks>
/// Layout of the folder: <c>labels.npy</c> (uint16 [count, 2]: object and part of every record of the Gaussian file),
/// <c>labels.json</c> (<c>objects</c>: names; <c>parts</c>: name and object), <c>truth/{view}.part.png</c> (16-bit part of every
/// pixel). <see cref="None"/> marks a floater, or a pixel that shows nothing.
/// </remarks>
public sealed class LabeledScene
{
    /// <summary>Label of what belongs to nothing.</summary>
    public const ushort None = ushort.MaxValue;

    private const string MapSuffix = ".part.png";

    /// <summary>Puts a scene together and checks that its labels agree with each other.</summary>
    /// <exception cref="InvalidDataException">A label names an object or part that does not exist.</exception>
    public LabeledScene(
        string name, IReadOnlyList<string> objects, IReadOnlyList<LabeledPart> parts,
        ushort[] objectOfGaussian, ushort[] partOfGaussian, IReadOnlyList<LabeledView> views)
    {
        Name = name;
        Objects = objects;
        Parts = parts;
        ObjectOfGaussian = objectOfGaussian;
        PartOfGaussian = partOfGaussian;
        Views = views;
        Validate();
    }

    /// <summary>Name of the folder.</summary>
    public string Name { get; }

    /// <summary>Names of the objects; the index is the label.</summary>
    public IReadOnlyList<string> Objects { get; }

    /// <summary>The parts; the index is the label.</summary>
    public IReadOnlyList<LabeledPart> Parts { get; }

    /// <summary>Object of every Gaussian, file order, [count].</summary>
    public ushort[] ObjectOfGaussian { get; }

    /// <summary>Part of every Gaussian, file order, [count].</summary>
    public ushort[] PartOfGaussian { get; }

    /// <summary>The views with a part map, by name, ordinal.</summary>
    public IReadOnlyList<LabeledView> Views { get; }

    /// <summary>Records in the Gaussian file.</summary>
    public int GaussianCount => ObjectOfGaussian.Length;

    /// <summary>Reads a folder.</summary>
    /// <exception cref="InvalidDataException">Something is missing or damaged; the message says what and where.</exception>
    public static LabeledScene Load(string folder)
    {
        string full = Path.GetFullPath(folder);
        foreach (string needed in (string[])["labels.npy", "labels.json"])
        {
            if (!File.Exists(Path.Combine(full, needed)))
            {
                throw new InvalidDataException($"{folder} has no {needed}; a labelled scene is laid out like samples/playroom.");
            }
        }

        (ushort[] objects, ushort[] parts) = LabelArray.Read(Path.Combine(full, "labels.npy"));
        LabelNames names = ReadNames(Path.Combine(full, "labels.json"));
        string truth = Path.Combine(full, "truth");
        string[] maps = Directory.Exists(truth) ? Directory.GetFiles(truth, "*" + MapSuffix) : [];
        if (maps.Length == 0)
        {
            throw new InvalidDataException($"{folder} has no truth/*{MapSuffix}; a labelled scene is laid out like samples/playroom.");
        }

        Array.Sort(maps, StringComparer.Ordinal);
        return new LabeledScene(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(full)), names.Objects, names.Parts, objects, parts,
            [.. maps.Select(path => LabeledView.Read(Path.GetFileName(path)[..^MapSuffix.Length], path))]);
    }

    /// <summary>Refuses a part map that has no camera of its name and size.</summary>
    /// <param name="map">One of the views.</param>
    /// <param name="camera">Size of the camera of that name, or null if there is none.</param>
    /// <exception cref="InvalidDataException">With what was found and what was expected.</exception>
    public static void RequireCamera(LabeledView map, (int Width, int Height)? camera)
    {
        if (camera is null)
        {
            throw new InvalidDataException($"There is a part map truth/{map.Name}{MapSuffix}, but no camera named {map.Name}.");
        }

        if (camera != (map.Width, map.Height))
        {
            throw new InvalidDataException(
                $"truth/{map.Name}{MapSuffix} is {map.Width}×{map.Height} pixels, but its camera is "
                + $"{camera.Value.Width}×{camera.Value.Height}; clicks are placed in the map, so both must agree.");
        }
    }

    private static LabelNames ReadNames(string path)
    {
        try
        {
            LabelNames? names = JsonSerializer.Deserialize<LabelNames>(File.ReadAllBytes(path), JsonSerializerOptions.Web);
            return names is { Objects: not null, Parts: not null }
                ? names
                : throw new InvalidDataException("labels.json: needs \"objects\" (names) and \"parts\" (name and object).");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"labels.json: {error.Message}", error);
        }
    }

    private void Validate()
    {
        for (int part = 0; part < Parts.Count; part++)
        {
            if (Parts[part].Owner < 0 || Parts[part].Owner >= Objects.Count)
            {
                throw new InvalidDataException(
                    $"labels.json: part {part} belongs to object {Parts[part].Owner}; there are {Objects.Count} objects.");
            }
        }

        for (int i = 0; i < ObjectOfGaussian.Length; i++)
        {
            (ushort owner, ushort part) = (ObjectOfGaussian[i], PartOfGaussian[i]);
            bool known = (owner == None || owner < Objects.Count) && (part == None || part < Parts.Count);
            if (!known || (owner != None && part != None && Parts[part].Owner != owner))
            {
                throw new InvalidDataException(
                    $"labels.npy: Gaussian {i} has object {owner} and part {part}, which labels.json does not have or does not put together.");
            }
        }

        foreach (LabeledView view in Views)
        {
            foreach (ushort part in view.Parts)
            {
                if (part != None && part >= Parts.Count)
                {
                    throw new InvalidDataException($"truth/{view.Name}{MapSuffix}: a pixel shows part {part}; there are {Parts.Count} parts.");
                }
            }
        }
    }

    private sealed record LabelNames(IReadOnlyList<string> Objects, IReadOnlyList<LabeledPart> Parts);
}

/// <summary>A part of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">Label of the object it belongs to.</param>
public sealed record LabeledPart(string Name, [property: JsonPropertyName("object")] int Owner);
