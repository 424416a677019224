namespace Saga.Engine.Scenes.Sog;

/// <summary>The Gaussians of an unpacked .sog file.</summary>
internal sealed class SogSource(SogMeta meta, SogImages images) : GaussianSource(meta.Count, meta.ShDegree)
{
    private const int FirstRotationMode = 252;
    private const float Sqrt2 = 1.4142135623730951f;

    private readonly float[] _scales = Numbers(meta.Scales.Codebook);
    private readonly float[] _colors = Numbers(meta.Sh0.Codebook);
    private readonly float[] _harmonics = Numbers(meta.ShN?.Codebook ?? []);

    protected override int RecordsPerBlock => 16_384;

    protected override void ReadBlock(int first, int count, GaussianRecordAction action, bool shapesOnly)
    {
        Span<float> values = stackalloc float[ValueCount];
        for (int i = first; i < first + count; i++)
        {
            int pixel = 4 * i;
            for (int axis = 0; axis < 3; axis++)
            {
                float share = (images.MeansHigh[pixel + axis] << 8 | images.MeansLow[pixel + axis]) / 65535f;
                values[GaussianValues.Mean + axis] = Unlog(meta.Means.Mins[axis] + (meta.Means.Maxs[axis] - meta.Means.Mins[axis]) * share);
                values[GaussianValues.Scale + axis] = _scales[images.Scales[pixel + axis]];
                values[GaussianValues.Color + axis] = _colors[images.Colors[pixel + axis]];
            }

            values[GaussianValues.Opacity] = GaussianValues.Logit(images.Colors[pixel + 3] / 255f);
            ReadRotation(images.Rotations.AsSpan(pixel, 4), values.Slice(GaussianValues.Rotation, 4));
            ReadHarmonics(pixel, values[(GaussianValues.Color + 3)..]);
            action(i, values);
        }
    }

    private static float[] Numbers(float?[] codebook) => [.. codebook.Select(number => number ?? float.NegativeInfinity)];

    // Means are stored as sign(x)·log(1 + |x|), so that the far background takes few of the steps.
    private static float Unlog(float stored) => MathF.CopySign(MathF.Exp(MathF.Abs(stored)) - 1f, stored);

    private static void ReadRotation(ReadOnlySpan<byte> stored, Span<float> rotation)
    {
        int greatest = stored[3] - FirstRotationMode;
        if (greatest < 0)
        {
            // No rotation at all: the checks leave the Gaussian out.
            rotation.Clear();
            return;
        }

        float squares = 0;
        int next = 0;
        for (int c = 0; c < 4; c++)
        {
            if (c != greatest)
            {
                rotation[c] = (stored[next++] / 255f - 0.5f) * Sqrt2;
                squares += rotation[c] * rotation[c];
            }
        }

        rotation[greatest] = MathF.Sqrt(MathF.Max(0f, 1f - squares));
    }

    private void ReadHarmonics(int pixel, Span<float> rest)
    {
        if (rest.IsEmpty)
        {
            return;
        }

        int place = images.Places[pixel] | images.Places[pixel + 1] << 8;
        if (place >= meta.ShN!.Count)
        {
            rest.Fill(float.NaN);
            return;
        }

        // Entries stand side by side in a row, a pixel for each coefficient's rgb.
        int coefficients = rest.Length / 3;
        int entry = 4 * coefficients * place;
        for (int c = 0; c < rest.Length; c++)
        {
            rest[c] = _harmonics[images.Palette[entry + c / 3 * 4 + c % 3]];
        }
    }
}
