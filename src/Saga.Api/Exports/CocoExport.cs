using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Segmentation;

namespace Saga.Api.Exports;

/// <summary>A selection's masks of all views as one COCO file: images, one category, an annotation where the selection is seen.</summary>
internal static class CocoExport
{
    private const int CategoryId = 1;

    /// <summary>Draws view after view and sends each before the next.</summary>
    /// <param name="body">Receives the file.</param>
    /// <param name="category">Name of the selection.</param>
    /// <param name="views">The scene's views.</param>
    /// <param name="pictures">The scene.</param>
    /// <param name="selection">What is drawn.</param>
    /// <param name="queue">Where pictures wait their turn.</param>
    /// <param name="cancellationToken">Stops between views.</param>
    public static async Task WriteAsync(
        Stream body, string category, IReadOnlyList<SceneView> views, PictureScene pictures, GaussianSelection selection, WorkQueue queue,
        CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteStartArray("categories");
        json.WriteStartObject();
        json.WriteNumber("id", CategoryId);
        json.WriteString("name", category);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteImages(json, views);
        json.WriteStartArray("annotations");
        for (int index = 0; index < views.Count; index++)
        {
            PinholeCamera camera = views[index].Camera;
            BinaryMask mask = await ViewMasks.DrawAsync(
                pictures, selection, camera, queue, pixels => BinaryMask.FromPixels(camera.Width, camera.Height, pixels), cancellationToken);
            if (mask.Area > 0)
            {
                WriteAnnotation(json, index, mask);
            }

            await json.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    // Ids count from 1: some tools take 0 for none. The file name is the view's own, whose photo has an ending beside it.
    private static void WriteImages(Utf8JsonWriter json, IReadOnlyList<SceneView> views)
    {
        json.WriteStartArray("images");
        for (int index = 0; index < views.Count; index++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", index + 1);
            json.WriteString("file_name", views[index].Name);
            json.WriteNumber("width", views[index].Camera.Width);
            json.WriteNumber("height", views[index].Camera.Height);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAnnotation(Utf8JsonWriter json, int view, BinaryMask mask)
    {
        (int x, int y, int width, int height) = BoxOf(mask);
        json.WriteStartObject();
        json.WriteNumber("id", view + 1);
        json.WriteNumber("image_id", view + 1);
        json.WriteNumber("category_id", CategoryId);
        json.WriteStartObject("segmentation");
        WriteNumbers(json, "size", mask.Height, mask.Width);
        json.WriteString("counts", CocoRle.Encode(mask));
        json.WriteEndObject();
        json.WriteNumber("area", mask.Area);
        WriteNumbers(json, "bbox", x, y, width, height);
        json.WriteNumber("iscrowd", 0);
        json.WriteEndObject();
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

    /// <summary>The smallest box around the set pixels, from the runs, which go down the columns.</summary>
    private static (int X, int Y, int Width, int Height) BoxOf(BinaryMask mask)
    {
        ReadOnlySpan<int> ends = mask.RunEnds;
        int left = ends[0] / mask.Height;
        int right = left;
        int top = mask.Height;
        int bottom = -1;
        for (int run = 1; run < ends.Length; run += 2)
        {
            int first = ends[run - 1];
            int last = ends[run] - 1;
            right = last / mask.Height;
            bool spansColumns = first / mask.Height < right;
            top = Math.Min(top, spansColumns ? 0 : first % mask.Height);
            bottom = Math.Max(bottom, spansColumns ? mask.Height - 1 : last % mask.Height);
        }

        return (left, top, right - left + 1, bottom - top + 1);
    }
}
