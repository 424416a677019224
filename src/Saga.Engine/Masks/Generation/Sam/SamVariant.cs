using Saga.Engine.Onnx;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>Tells SAM's variants apart by size: an export names none, and all have the same inputs and outputs.</summary>
internal static class SamVariant
{
    /// <summary>Parameters of the image encoders, in millions.</summary>
    private static readonly (string Name, double Millions)[] Known =
    [
        ("ViT-H", 637), ("ViT-L", 308.3), ("ViT-B", 89.7), ("MobileSAM", 6.1),
    ];

    /// <summary>An export differs from four bytes a parameter by its graph and by constants that were folded.</summary>
    private const double Tolerance = 0.2;

    /// <summary>A phrase like <c>as large as ViT-B in float32</c>.</summary>
    /// <param name="files">The model's files; all but the decoder count, as a large encoder keeps its weights in data files.</param>
    public static string Of(IReadOnlyList<ModelFile> files)
    {
        double millions = files.Where(file => file.Name != SamDecoder.FileName).Sum(file => file.Bytes) / 4e6;
        foreach ((string name, double expected) in Known)
        {
            if (Math.Abs(millions - expected) <= Tolerance * expected)
            {
                return $"as large as {name} in float32";
            }
        }

        return "of no size known here; quantised, or another model with SAM's inputs and outputs";
    }
}
