using System.Text.Json;

namespace Saga.Engine.Cameras;

/// <summary>Careful access to JSON that a stranger sent.</summary>
internal static class CameraJson
{
    /// <summary>A camera takes about 500 bytes of JSON; this is room for 100,000.</summary>
    private const long MaxBytes = 64L << 20;

    private const int MaxDepth = 16;

    public static JsonDocument Parse(FileStream file)
    {
        if (file.Length > MaxBytes)
        {
            throw new InvalidCameraException($"the file has {file.Length} bytes; a JSON file of cameras has at most {MaxBytes}.");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        QuoteNotFinite(bytes);
        try
        {
            return JsonDocument.Parse(bytes, new JsonDocumentOptions
            {
                MaxDepth = MaxDepth,
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
            });
        }
        catch (JsonException error)
        {
            throw new InvalidCameraException(
                $"the file is no valid JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine}); "
                + "expected cameras.json, transforms.json, or a COLMAP model in a zip.",
                error);
        }
    }

    /// <summary>
    /// Python writes NaN and Infinity, which are no JSON. Turning them into strings of the same length lets the file be read up to
    /// the number, which is then refused with its view's name instead of a byte position.
    /// </summary>
    private static void QuoteNotFinite(Span<byte> json)
    {
        bool inString = false;
        for (int i = 0; i < json.Length; i++)
        {
            if (inString)
            {
                int stop = json[i..].IndexOfAny((byte)'"', (byte)'\\');
                if (stop < 0)
                {
                    return;
                }

                i += stop;
                inString = json[i] != '"';
                i += inString ? 1 : 0;
                continue;
            }

            int next = json[i..].IndexOfAny("\"NI"u8);
            if (next < 0)
            {
                return;
            }

            i += next;
            int length = json[i..].StartsWith("NaN"u8) ? 3 : json[i..].StartsWith("Infinity"u8) ? 8 : 1;
            inString = json[i] == '"';
            if (length > 1)
            {
                int start = i > 0 && json[i - 1] == '-' ? i - 1 : i;
                json[start] = (byte)'"';
                json[i + length - 1] = (byte)'"';
                i += length - 1;
            }
        }
    }

    /// <summary>A number, or null when the property is absent or JSON's null.</summary>
    public static double? Number(JsonElement owner, string property, string where)
    {
        if (!owner.TryGetProperty(property, out JsonElement element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double value) && double.IsFinite(value)
            ? value
            : throw new InvalidCameraException($"{where}: {property} is not a finite number.");
    }

    /// <summary>A whole number of pixels, also when written as 640.0; 0 when it is far off, for the camera's own check to refuse.</summary>
    public static int? Pixels(JsonElement owner, string property, string where)
    {
        if (Number(owner, property, where) is not { } value)
        {
            return null;
        }

        return value == Math.Floor(value)
            ? (int)Math.Clamp(value, 0, int.MaxValue)
            : throw new InvalidCameraException(FormattableString.Invariant($"{where}: {property} is {value}; expected whole pixels."));
    }

    /// <exception cref="InvalidCameraException">It is no UTF-8, which only shows when it is read.</exception>
    public static string? Text(JsonElement owner, string property)
    {
        try
        {
            return owner.TryGetProperty(property, out JsonElement element) && element.ValueKind == JsonValueKind.String
                ? element.GetString()
                : null;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidCameraException($"A «{property}» is not valid UTF-8 text; write the file as UTF-8.", error);
        }
    }

    /// <summary>A matrix of numbers, row-major.</summary>
    public static double[] Matrix(JsonElement owner, string property, int rows, int columns, string where)
    {
        var values = new double[rows * columns];
        bool fits = owner.TryGetProperty(property, out JsonElement matrix) && matrix.ValueKind == JsonValueKind.Array
            && matrix.GetArrayLength() == rows;
        int next = 0;
        foreach (JsonElement row in fits ? matrix.EnumerateArray() : default)
        {
            fits &= row.ValueKind == JsonValueKind.Array && row.GetArrayLength() == columns;
            foreach (JsonElement value in fits ? row.EnumerateArray() : default)
            {
                fits &= value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out values[next++]);
            }
        }

        return fits
            ? values
            : throw new InvalidCameraException($"{where}: {property} is not a {rows}×{columns} matrix of finite numbers.");
    }

    /// <summary>A list of numbers.</summary>
    public static double[] Vector(JsonElement owner, string property, int length, string where)
    {
        var values = new double[length];
        bool fits = owner.TryGetProperty(property, out JsonElement vector) && vector.ValueKind == JsonValueKind.Array
            && vector.GetArrayLength() == length;
        int next = 0;
        foreach (JsonElement value in fits ? vector.EnumerateArray() : default)
        {
            fits &= value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out values[next++]);
        }

        return fits ? values : throw new InvalidCameraException($"{where}: {property} is not a list of {length} finite numbers.");
    }
}
