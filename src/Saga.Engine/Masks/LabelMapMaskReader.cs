using Saga.Engine.Images;

namespace Saga.Engine.Masks;

/// <summary>Reads a PNG label map: every label but 0 is one mask, in ascending order of the labels.</summary>
internal static class LabelMapMaskReader
{
    private const int LabelCount = ushort.MaxValue + 1;

    /// <param name="png">The file.</param>
    /// <param name="masks">Receives the masks.</param>
    /// <exception cref="InvalidMaskException">Too many labels, or the wrong shape for the view.</exception>
    /// <exception cref="InvalidImageException">Not a grey or palette PNG of 1 to 16 bits, or damaged.</exception>
    public static void Read(Stream png, MaskCollector masks)
    {
        LabelMap map = ImageFile.DecodeLabels(png);
        MaskRunBuilder?[] builders = BuildersOf(map.Labels, masks);

        // Column by column as the runs lie; a run of one label is one interval of its mask.
        int current = 0;
        int start = 0;
        for (int x = 0; x < map.Width; x++)
        {
            for (int y = 0; y < map.Height; y++)
            {
                int label = map.Labels[y * map.Width + x];
                if (label != current)
                {
                    int position = x * map.Height + y;
                    builders[current]?.AddSet(start, position);
                    (current, start) = (label, position);
                }
            }
        }

        builders[current]?.AddSet(start, map.Width * map.Height);
        for (int label = 1; label < LabelCount; label++)
        {
            if (builders[label] is MaskRunBuilder builder)
            {
                masks.Add(builder.Build(map.Width, map.Height));
            }
        }
    }

    // One builder per label that occurs; none for 0. A photo taken for a label map has thousands of labels and is refused here.
    private static MaskRunBuilder?[] BuildersOf(ReadOnlySpan<ushort> labels, MaskCollector masks)
    {
        var builders = new MaskRunBuilder?[LabelCount];
        int count = 0;
        foreach (ushort label in labels)
        {
            if (label != 0 && builders[label] is null)
            {
                builders[label] = new MaskRunBuilder();
                count++;
            }
        }

        masks.CheckCount(count);
        return builders;
    }
}
