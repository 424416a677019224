using System.IO.Compression;
using System.Numerics;
using System.Text;
using Saga.Cli.Evaluation;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Numerics;

namespace Saga.Benchmarks.Furniture;

/// <summary>A model with the colour of each of its materials.</summary>
/// <param name="Name">Name of its file, without folder and extension.</param>
/// <param name="Mesh">Its triangles.</param>
/// <param name="Colors">Colour of every material of the mesh, each channel in [0, 1].</param>
internal sealed record FurnitureModel(string Name, ObjMesh Mesh, Vector3[] Colors);

/// <summary>A furniture library of Sweet Home 3D: a zip of OBJ and MTL files and their textures.</summary>
internal static class FurnitureLibrary
{
    /// <summary>Where Debian's package puts the library whose models are all CC0.</summary>
    public const string DebianPath = "/usr/share/sweethome3d/furniture/BlendSwap-CC-0.sh3f";

    private const int MinGroups = 4;
    private const int MaxGroups = 60;

    /// <summary>A part below this share of the model's pixels is a screw, and does not make the model one of several parts.</summary>
    private const double MinShare = 0.01;

    /// <summary>Every which view of the rig decides what is to be seen of a model.</summary>
    private const int ViewStep = 12;

    /// <summary>Larger models cost seconds to read and look no different at this size.</summary>
    private const int MaxFileBytes = 3_000_000;

    private const int ChoicePurpose = 1;

    /// <summary>The models of samples/playroom: a second scene is worth something because it is made of others.</summary>
    private static readonly HashSet<string> PlayroomModels = new(StringComparer.OrdinalIgnoreCase)
    {
        "peterbilt", "electricGuitar", "cuckooClock", "tableFan", "woodToy", "caballito", "cupcake", "speaker3",
    };

    /// <summary>Draws models of several parts, no two of a kind (sofa, sofa2).</summary>
    /// <param name="path">The library.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed draws the same models.</param>
    /// <exception cref="InvalidDataException">There is no such library, or it has too few models of several parts.</exception>
    public static List<FurnitureModel> Choose(string path, int count, long seed)
    {
        if (!File.Exists(path))
        {
            throw new InvalidDataException(
                $"{path} does not exist. Install Debian's package sweethome3d-furniture, or name a library with --library FILE.sh3f.");
        }

        using ZipArchive zip = ZipFile.OpenRead(path);
        ZipArchiveEntry[] files = [.. zip.Entries
            .Where(file => file.FullName.EndsWith(".obj", StringComparison.OrdinalIgnoreCase) && file.Length <= MaxFileBytes)
            .Where(file => !PlayroomModels.Contains(Path.GetFileNameWithoutExtension(file.Name)))
            .OrderBy(file => file.FullName, StringComparer.Ordinal)];
        int[] order = [.. Enumerable.Range(0, files.Length)];
        new CounterRandom(seed, ChoicePurpose, 0).Shuffle(order);

        var models = new List<FurnitureModel>();
        var kinds = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (int index in order)
        {
            string name = Path.GetFileNameWithoutExtension(files[index].Name);
            if (models.Count == count || kinds.Contains(Kind(name)))
            {
                continue;
            }

            using var text = new StreamReader(files[index].Open(), Encoding.Latin1);
            ObjMesh mesh = ObjReader.Read(text, files[index].FullName);
            if (mesh.Groups.Length is < MinGroups or > MaxGroups)
            {
                continue;
            }

            var model = new FurnitureModel(name, mesh, Colors(zip, files[index].FullName, mesh));
            if (ShowsSeveralParts(model))
            {
                kinds.Add(Kind(name));
                models.Add(model);
            }
        }

        return models.Count == count
            ? models
            : throw new InvalidDataException(
                $"{path} has {models.Count} models that show {MinGroups} or more of at most {MaxGroups} groups; --objects asks for {count}.");
    }

    private static string Kind(string name) => name.TrimEnd("0123456789_-".ToCharArray());

    /// <summary>False when all but a few parts are inside, as the table under its cloth.</summary>
    private static bool ShowsSeveralParts(FurnitureModel model)
    {
        LabeledSurface alone = FurnitureLayout.Place([model], seed: 0);
        var pixels = new int[alone.Parts.Length];
        foreach (SceneView view in CameraRig.Create().Where((_, index) => index % ViewStep == 0))
        {
            foreach (ushort part in SurfaceRenderer.Render(alone, view.Camera).Parts)
            {
                if (part is not (LabeledScene.None or LabeledSurface.Ground))
                {
                    pixels[part]++;
                }
            }
        }

        double total = pixels.Sum();
        return pixels.Count(count => count > 0 && count >= MinShare * total) >= MinGroups;
    }

    /// <summary>The diffuse colour of every material, or the mean colour of its texture.</summary>
    private static Vector3[] Colors(ZipArchive zip, string objPath, ObjMesh mesh)
    {
        string folder = objPath[..(objPath.LastIndexOf('/') + 1)];
        Dictionary<string, MtlMaterial> materials = [];
        if (mesh.MaterialLibrary is { } library && zip.GetEntry(folder + library) is { } file)
        {
            using var text = new StreamReader(file.Open(), Encoding.Latin1);
            materials = MtlReader.Read(text);
        }

        return [.. mesh.Materials.Select(name =>
        {
            MtlMaterial material = materials.GetValueOrDefault(name, MtlMaterial.Unknown);
            return material.Texture is { } texture && zip.GetEntry(folder + texture) is { } image
                ? MeanColor(image)
                : material.Diffuse;
        })];
    }

    private static Vector3 MeanColor(ZipArchiveEntry file)
    {
        using var bytes = new MemoryStream();
        using (Stream content = file.Open())
        {
            content.CopyTo(bytes);
        }

        RgbImage image;
        try
        {
            image = ImageFile.Decode(bytes.ToArray());
        }
        catch (InvalidImageException error)
        {
            throw new InvalidDataException($"{file.FullName}: {error.Message}", error);
        }

        var sum = new double[3];
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            sum[i % 3] += image.Pixels[i];
        }

        double scale = 1.0 / (byte.MaxValue * (image.Pixels.Length / 3));
        return new Vector3((float)(sum[0] * scale), (float)(sum[1] * scale), (float)(sum[2] * scale));
    }
}
