using System.Globalization;
using System.Numerics;

namespace Saga.Benchmarks.Furniture;

/// <summary>What the scene needs of an OBJ material.</summary>
/// <param name="Diffuse">Diffuse colour (<c>Kd</c>), each channel in [0, 1].</param>
/// <param name="Texture">File of the diffuse texture (<c>map_Kd</c>), or null.</param>
internal sealed record MtlMaterial(Vector3 Diffuse, string? Texture)
{
    /// <summary>What is not described is light grey.</summary>
    public static MtlMaterial Unknown { get; } = new(new Vector3(0.8f), null);
}

/// <summary>Reads the colours of a Wavefront MTL text. Colours that are no numbers count as not given: the models are drawn anyway.</summary>
internal static class MtlReader
{
    /// <summary>Materials by name.</summary>
    public static Dictionary<string, MtlMaterial> Read(TextReader text)
    {
        var materials = new Dictionary<string, MtlMaterial>(StringComparer.Ordinal);
        string? current = null;
        for (string? line; (line = text.ReadLine()) is not null;)
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2)
            {
                continue;
            }

            if (words[0] == "newmtl")
            {
                current = line.Trim()["newmtl".Length..].Trim();
                materials[current] = MtlMaterial.Unknown;
            }
            else if (current is not null && words[0] == "Kd" && Color(words.AsSpan(1)) is { } diffuse)
            {
                materials[current] = materials[current] with { Diffuse = diffuse };
            }
            else if (current is not null && words[0] == "map_Kd")
            {
                // Options such as «-s 1 1 1» may stand before the file, which is the last word.
                materials[current] = materials[current] with { Texture = words[^1] };
            }
        }

        return materials;
    }

    private static Vector3? Color(ReadOnlySpan<string> words)
    {
        var color = new float[3];
        for (int channel = 0; channel < 3; channel++)
        {
            if (channel >= words.Length
                || !float.TryParse(words[channel], NumberStyles.Float, CultureInfo.InvariantCulture, out color[channel])
                || !float.IsFinite(color[channel]))
            {
                return null;
            }
        }

        return Vector3.Clamp(new Vector3(color), Vector3.Zero, Vector3.One);
    }
}
