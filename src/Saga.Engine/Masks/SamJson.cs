using System.Text.Json;
using Saga.Engine.Cameras;

namespace Saga.Engine.Masks;

/// <summary>
/// The masks of one view as a file: the list of annotations that SAM's automatic mask generator writes with
/// <c>output_mode="coco_rle"</c>, so that files made here are mask files like any other.
/// </summary>
public static class SamJson
{
    private static readonly MaskReadOptions Limits = new();

    /// <summary>Writes masks: <c>[{"segmentation": {"size": [height, width], "counts": "…"}, "area": …, "bbox": [x, y, width, height]}]</c>.</summary>
    /// <param name="stream">Receives UTF-8 text.</param>
    /// <param name="masks">In this order; of any size.</param>
    public static void Write(Stream stream, IReadOnlyList<BinaryMask> masks)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartArray();
        foreach (BinaryMask mask in masks)
        {
            (int left, int top, int right, int bottom) = mask.GetBounds();
            json.WriteStartObject();
            json.WriteStartObject("segmentation");
            WriteNumbers(json, "size", mask.Height, mask.Width);
            json.WriteString("counts", CocoRle.Encode(mask));
            json.WriteEndObject();
            json.WriteNumber("area", mask.Area);
            WriteNumbers(json, "bbox", left, top, right - left, bottom - top);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Reads masks that were made of a view's straight picture.</summary>
    /// <param name="stream">What <see cref="Write"/> or SAM wrote.</param>
    /// <param name="view">The view; its lens does not matter.</param>
    /// <param name="cancellationToken">Checked per mask.</param>
    /// <returns>The masks at the view's resolution, those left out that have no pixel at it; perhaps none.</returns>
    /// <exception cref="InvalidMaskException">Damaged, truncated, or of another shape than the view.</exception>
    public static ViewMasks Read(Stream stream, SceneView view, CancellationToken cancellationToken)
    {
        var collector = new MaskCollector(Limits, view with { Lens = null });
        SamJsonReader.Read(stream, collector, cancellationToken);
        return new ViewMasks(view.Name, collector.Masks);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params ReadOnlySpan<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (int number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
