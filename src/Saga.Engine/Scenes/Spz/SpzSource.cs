namespace Saga.Engine.Scenes.Spz;

/// <summary>The Gaussians of an unpacked .spz file.</summary>
internal sealed class SpzSource(SpzHeader header, SpzPlanes planes, AxisFlips flips)
    : GaussianSource((int)header.Count, Math.Min(header.ShDegree, GaussianValues.MaxShDegree))
{
    public override SceneProblem? Problem => header.ShDegree <= GaussianValues.MaxShDegree ? null : new SceneProblem(
        "colors-reduced",
        $"The file has spherical harmonics of degree {header.ShDegree}; those above degree {GaussianValues.MaxShDegree} are ignored.");

    protected override int RecordsPerBlock => 16_384;

    protected override void ReadBlock(int first, int count, GaussianRecordAction action, bool shapesOnly)
    {
        float unit = 1f / (1 << header.FractionalBits);

        // Bytes cannot hold a colour that is out of range, so shapes need none.
        Span<float> values = stackalloc float[shapesOnly ? GaussianValues.Color : ValueCount];
        for (int i = first; i < first + count; i++)
        {
            for (int axis = 0; axis < 3; axis++)
            {
                values[GaussianValues.Mean + axis] = Fixed24(planes.Means.AsSpan(9 * i + 3 * axis)) * unit;
                values[GaussianValues.Scale + axis] = planes.Scales[3 * i + axis] / 16f - 10f;
            }

            values[GaussianValues.Opacity] = GaussianValues.Logit(planes.Opacities[i] / 255f);
            SpzQuaternion.Unpack(
                planes.Rotations.AsSpan(header.RotationBytes * i, header.RotationBytes), values.Slice(GaussianValues.Rotation, 4));
            if (!shapesOnly)
            {
                ReadColors(i, values[GaussianValues.Color..]);
            }

            flips.Apply(values);
            action(i, values);
        }
    }

    private static int Fixed24(ReadOnlySpan<byte> bytes) => (bytes[0] | bytes[1] << 8 | (sbyte)bytes[2] << 16);

    private void ReadColors(int i, Span<float> colors)
    {
        for (int channel = 0; channel < 3; channel++)
        {
            colors[channel] = (planes.Colors[3 * i + channel] / 255f - 0.5f) / SpzColors.Scale;
        }

        ReadOnlySpan<byte> harmonics = planes.Harmonics.AsSpan(header.HarmonicsBytes * i, colors.Length - 3);
        for (int c = 0; c < harmonics.Length; c++)
        {
            colors[3 + c] = (harmonics[c] - 128f) / 128f;
        }
    }
}
