using System.Text.Json;

namespace Saga.Engine.Masks;

/// <summary>
/// Reads what SAM's automatic mask generator writes with <c>output_mode="coco_rle"</c>: a list of annotations, or an object with
/// such a list as <c>annotations</c>. Of an annotation only <c>segmentation</c> is read: <c>{"size": [height, width],
/// "counts": compressed string | list of run lengths}</c>.
/// </summary>
/// <remarks>The text is streamed; besides the runs of the masks only one annotation is held.</remarks>
internal static class SamJsonReader
{
    // A counts string of 2²⁸ runs would be as long as this; nothing real comes near.
    private const int MaxTokenBytes = 1 << 28;

    private const string Expected =
        "expected a list of annotations, each with a \"segmentation\" {\"size\": [height, width], \"counts\": …} (COCO RLE, as SAM's "
        + "automatic mask generator writes with output_mode=\"coco_rle\")";

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidMaskException">The message names the annotation.</exception>
    public static void Read(Stream json, MaskCollector masks, CancellationToken cancellationToken)
    {
        using var chunks = new JsonChunks(json, MaxTokenBytes);
        try
        {
            Utf8JsonReader reader = chunks.Start();
            chunks.Read(ref reader);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    ReadAnnotations(chunks, ref reader, masks, cancellationToken);
                    break;
                case JsonTokenType.StartObject:
                    ReadDictionary(chunks, ref reader, masks, cancellationToken);
                    break;
                default:
                    throw new InvalidMaskException($"The JSON begins with {Describe(reader.TokenType)}; {Expected}.");
            }

            // Anything but white space after the end makes the reader throw.
            chunks.Read(ref reader);
        }
        catch (JsonException error)
        {
            throw new InvalidMaskException($"The file is not valid JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            // A string's bytes are looked at when it is read, not when it is found.
            throw new InvalidMaskException("The file holds a string that is not valid UTF-8; write the file as UTF-8.", error);
        }
    }

    private static void ReadDictionary(
        JsonChunks chunks, ref Utf8JsonReader reader, MaskCollector masks, CancellationToken cancellationToken)
    {
        bool found = false;
        while (chunks.Read(ref reader) && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("annotations"u8))
            {
                chunks.Skip(ref reader);
                continue;
            }

            chunks.Read(ref reader);
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new InvalidMaskException($"\"annotations\" is {Describe(reader.TokenType)}; {Expected}.");
            }

            ReadAnnotations(chunks, ref reader, masks, cancellationToken);
            found = true;
        }

        if (!found)
        {
            throw new InvalidMaskException($"The JSON is an object without \"annotations\"; {Expected}.");
        }
    }

    private static void ReadAnnotations(
        JsonChunks chunks, ref Utf8JsonReader reader, MaskCollector masks, CancellationToken cancellationToken)
    {
        var segmentation = new CocoSegmentation();
        for (int index = 0; chunks.Read(ref reader) && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                masks.CheckCount(1);
                masks.Add(ReadAnnotation(chunks, ref reader, segmentation));
            }
            catch (InvalidMaskException error)
            {
                throw new InvalidMaskException($"annotation {index}: {error.Message}", error);
            }
        }
    }

    private static BinaryMask ReadAnnotation(JsonChunks chunks, ref Utf8JsonReader reader, CocoSegmentation segmentation)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidMaskException($"The annotation is {Describe(reader.TokenType)}; {Expected}.");
        }

        segmentation.Clear();
        bool found = false;
        while (chunks.Read(ref reader) && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (found || !reader.ValueTextEquals("segmentation"u8))
            {
                chunks.Skip(ref reader);
                continue;
            }

            chunks.Read(ref reader);
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InvalidMaskException(
                    $"\"segmentation\" is {Describe(reader.TokenType)}, perhaps polygons or a plain bit map; {Expected}.");
            }

            ReadSegmentation(chunks, ref reader, segmentation);
            found = true;
        }

        return found ? segmentation.ToMask() : throw new InvalidMaskException($"\"segmentation\" is missing; {Expected}.");
    }

    private static void ReadSegmentation(JsonChunks chunks, ref Utf8JsonReader reader, CocoSegmentation segmentation)
    {
        while (chunks.Read(ref reader) && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("size"u8))
            {
                chunks.Read(ref reader);
                ReadIntegers(chunks, ref reader, segmentation.Size, maxCount: 2, "size");
            }
            else if (reader.ValueTextEquals("counts"u8))
            {
                chunks.Read(ref reader);
                if (reader.TokenType == JsonTokenType.String)
                {
                    segmentation.SetCounts(ref reader);
                }
                else
                {
                    ReadIntegers(chunks, ref reader, segmentation.RunLengths, CocoSegmentation.MaxRunLengths, "counts");
                    segmentation.HasRunLengths = true;
                }
            }
            else
            {
                chunks.Skip(ref reader);
            }
        }
    }

    private static void ReadIntegers(JsonChunks chunks, ref Utf8JsonReader reader, List<int> values, int maxCount, string name)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidMaskException($"\"{name}\" is {Describe(reader.TokenType)}; {Expected}.");
        }

        values.Clear();
        while (chunks.Read(ref reader) && reader.TokenType != JsonTokenType.EndArray)
        {
            if (values.Count == maxCount)
            {
                throw new InvalidMaskException($"\"{name}\" has more than {maxCount} numbers.");
            }

            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int value))
            {
                throw new InvalidMaskException(
                    $"Number {values.Count} of \"{name}\" is {Describe(reader.TokenType)} that is not a 32-bit integer.");
            }

            values.Add(value);
        }
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "a list",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };
}
