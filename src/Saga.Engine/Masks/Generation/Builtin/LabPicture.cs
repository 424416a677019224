using Saga.Engine.Images;

namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>A photo in CIE L*a*b* (D65), lightly smoothed: distances in it are about as large as people see them.</summary>
/// <remarks>The smoothing is one pass of [1 2 1]/4 both ways: it takes the noise of a sensor and of JPEG, not an edge.</remarks>
internal sealed class LabPicture
{
    private const int CubeRootSteps = 4096;

    // White of D65, by which X and Z are divided; Y's is 1.
    private const float WhiteX = 0.95047f;
    private const float WhiteZ = 1.08883f;

    private static readonly float[] Linear = LinearOfByte();
    private static readonly float[] CubeRoot = LightnessCurve();

    private LabPicture(float[] values)
    {
        Values = values;
    }

    /// <summary>L in [0, 100], a and b in about [-110, 110]; [height, width, 3].</summary>
    public float[] Values { get; }

    /// <summary>Converts a photo.</summary>
    public static LabPicture From(RgbImage photo)
    {
        int pixels = photo.Width * photo.Height;
        float[] lab = new float[3 * pixels];
        for (int i = 0; i < lab.Length; i += 3)
        {
            float r = Linear[photo.Pixels[i]];
            float g = Linear[photo.Pixels[i + 1]];
            float b = Linear[photo.Pixels[i + 2]];
            float x = Curve((0.4124564f * r + 0.3575761f * g + 0.1804375f * b) / WhiteX);
            float y = Curve(0.2126729f * r + 0.7151522f * g + 0.0721750f * b);
            float z = Curve((0.0193339f * r + 0.1191920f * g + 0.9503041f * b) / WhiteZ);
            lab[i] = 116f * y - 16f;
            lab[i + 1] = 500f * (x - y);
            lab[i + 2] = 200f * (y - z);
        }

        float[] rows = new float[lab.Length];
        Smooth(lab, rows, 3, photo.Width, photo.Height, 3 * photo.Width);
        Smooth(rows, lab, 3 * photo.Width, photo.Height, photo.Width, 3);
        return new LabPicture(lab);
    }

    /// <summary>The distance of the colours of two pixels, ΔE*ab.</summary>
    public float Distance(int a, int b)
    {
        float l = Values[3 * a] - Values[3 * b];
        float u = Values[3 * a + 1] - Values[3 * b + 1];
        float v = Values[3 * a + 2] - Values[3 * b + 2];
        return MathF.Sqrt(l * l + u * u + v * v);
    }

    // [1 2 1]/4 along one axis, whose ends repeat: `step` values between neighbours, `lines` lines `lineStep` apart.
    private static void Smooth(float[] from, float[] to, int step, int length, int lines, int lineStep)
    {
        for (int line = 0; line < lines; line++)
        {
            for (int i = 0; i < length; i++)
            {
                int at = line * lineStep + i * step;
                int before = i > 0 ? at - step : at;
                int after = i + 1 < length ? at + step : at;
                for (int channel = 0; channel < 3; channel++)
                {
                    to[at + channel] = 0.25f * (from[before + channel] + from[after + channel]) + 0.5f * from[at + channel];
                }
            }
        }
    }

    private static float Curve(float value) => CubeRoot[Math.Clamp((int)(value * CubeRootSteps + 0.5f), 0, CubeRootSteps)];

    private static float[] LinearOfByte()
    {
        float[] table = new float[256];
        for (int i = 0; i < table.Length; i++)
        {
            double value = i / 255.0;
            table[i] = (float)(value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4));
        }

        return table;
    }

    private static float[] LightnessCurve()
    {
        const double knee = 216.0 / 24389;
        float[] table = new float[CubeRootSteps + 1];
        for (int i = 0; i < table.Length; i++)
        {
            double value = i / (double)CubeRootSteps;
            table[i] = (float)(value > knee ? Math.Cbrt(value) : (value * 24389 / 27 + 16) / 116);
        }

        return table;
    }
}
