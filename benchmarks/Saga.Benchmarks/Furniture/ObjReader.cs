using System.Globalization;
using System.Numerics;

namespace Saga.Benchmarks.Furniture;

/// <summary>
/// Reads the polygons of a Wavefront OBJ text: <c>v</c>, <c>f</c>, <c>g</c>, <c>o</c>, <c>usemtl</c> and <c>mtllib</c>. Normals, texture
/// coordinates and lines are passed over.
/// </summary>
internal sealed class ObjReader
{
    /// <summary>Group of faces before the first <c>g</c> or <c>o</c>, as the format has it.</summary>
    private const string DefaultGroup = "default";

    /// <summary>A bound on memory; no piece of furniture comes near.</summary>
    private const int MaxVertices = 10_000_000;

    private readonly string _name;
    private readonly List<Vector3> _vertices = [];
    private readonly List<ObjTriangle> _triangles = [];
    private readonly List<string> _groups = [];
    private readonly List<string> _materials = [];
    private string _group = DefaultGroup;
    private string _material = "";
    private string? _library;
    private int _line;

    private ObjReader(string name)
    {
        _name = name;
    }

    /// <summary>Reads a model.</summary>
    /// <param name="text">The file.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="InvalidDataException">A number or index is damaged or nothing can be drawn; the message names the line.</exception>
    public static ObjMesh Read(TextReader text, string name)
    {
        var reader = new ObjReader(name);
        for (string? line; (line = text.ReadLine()) is not null;)
        {
            reader._line++;
            while (line.EndsWith('\\') && text.ReadLine() is { } next)
            {
                reader._line++;
                line = line[..^1] + " " + next;
            }

            reader.ReadLine(line);
        }

        return reader._triangles.Count > 0
            ? new ObjMesh(
                [.. reader._vertices], [.. reader._triangles], [.. reader._groups], [.. reader._materials], reader._library)
            : throw new InvalidDataException($"{name}: no faces; a model needs v and f lines.");
    }

    private void ReadLine(string line)
    {
        string trimmed = line.Trim();
        int space = trimmed.AsSpan().IndexOfAny(' ', '\t');
        if (space < 0)
        {
            return;
        }

        string rest = trimmed[space..].Trim();
        switch (trimmed[..space])
        {
            case "v":
                ReadVertex(rest);
                break;
            case "f":
                ReadFace(rest);
                break;
            case "g" or "o":
                _group = rest;
                break;
            case "usemtl":
                _material = rest;
                break;
            case "mtllib":
                _library = rest;
                break;
        }
    }

    private void ReadVertex(string rest)
    {
        string[] words = Words(rest);
        if (words.Length < 3)
        {
            throw Refuse($"a vertex has {words.Length} numbers; expected x y z");
        }

        if (_vertices.Count == MaxVertices)
        {
            throw Refuse($"more than {MaxVertices} vertices");
        }

        _vertices.Add(new Vector3(Number(words[0]), Number(words[1]), Number(words[2])));
    }

    private void ReadFace(string rest)
    {
        string[] corners = Words(rest);
        if (corners.Length < 3)
        {
            throw Refuse($"a face has {corners.Length} corners; expected three or more");
        }

        int group = IndexOf(_groups, _group);
        int material = IndexOf(_materials, _material);
        int first = Vertex(corners[0]);
        int previous = Vertex(corners[1]);
        foreach (string corner in corners.AsSpan(2))
        {
            int next = Vertex(corner);
            _triangles.Add(new ObjTriangle(first, previous, next, group, material));
            previous = next;
        }
    }

    /// <summary>The vertex of a corner «v», «v/vt», «v//vn» or «v/vt/vn»: 1 is the first of the file, -1 the latest so far.</summary>
    private int Vertex(string corner)
    {
        int slash = corner.IndexOf('/', StringComparison.Ordinal);
        ReadOnlySpan<char> text = slash < 0 ? corner : corner.AsSpan(0, slash);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            throw Refuse($"«{corner}» is no corner; expected a vertex number, as in 12/3/4");
        }

        int index = number > 0 ? number - 1 : _vertices.Count + number;
        return number != 0 && index >= 0 && index < _vertices.Count
            ? index
            : throw Refuse($"a face has vertex {number}; there are {_vertices.Count} so far");
    }

    private float Number(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
            ? value
            : throw Refuse($"«{text}» is no finite number");

    private InvalidDataException Refuse(string what) => new($"{_name}, line {_line}: {what}.");

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static int IndexOf(List<string> names, string name)
    {
        int index = names.LastIndexOf(name);
        if (index < 0)
        {
            index = names.Count;
            names.Add(name);
        }

        return index;
    }
}
