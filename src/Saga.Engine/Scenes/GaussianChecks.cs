using System.Numerics;

namespace Saga.Engine.Scenes;

/// <summary>Why a record of the file is left out.</summary>
internal enum GaussianDefect : byte
{
    None,
    NotFinite,
    ZeroRotation,
    FarAway,
    ScaleOutOfRange,
    ColorOutOfRange,
}

/// <summary>Decides which records are usable, and repairs what has one obvious meaning.</summary>
internal static class GaussianChecks
{
    /// <summary>
    /// Largest coordinate, world units. Georeferenced scenes stay below (UTM northings reach 1e7); beyond it a float cannot even
    /// place a Gaussian to within its own unit.
    /// </summary>
    public const float MaxCoordinate = 1e7f;

    /// <summary>e^12 ≈ 160,000 world units: larger Gaussians are leftovers of diverged training and would cover every pixel.</summary>
    public const float MaxLogScale = 12f;

    /// <summary>e^-30 ≈ 1e-13: smaller variances vanish beside 1 in float and stand for no surface.</summary>
    public const float MinLogScale = -30f;

    /// <summary>Colours stay far below; a sum of 16 such terms still cannot overflow a float.</summary>
    public const float MaxColorCoefficient = 1e6f;

    /// <summary>A quaternion shorter than this has no direction left but rounding noise.</summary>
    public const double MinRotationNorm = 1e-6;

    /// <summary>Stands for an infinite logit (opacity exactly 0 or 1): the sigmoid is 1 to float precision, and still finite.</summary>
    public const float InfiniteLogit = 30f;

    /// <summary>Checks one record.</summary>
    /// <param name="values">A whole record, as <see cref="GaussianValues"/> orders it.</param>
    public static GaussianDefect Check(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<float> mean = values.Slice(GaussianValues.Mean, 3);
        ReadOnlySpan<float> logScales = values.Slice(GaussianValues.Scale, 3);
        ReadOnlySpan<float> rotation = values.Slice(GaussianValues.Rotation, 4);
        ReadOnlySpan<float> colors = values[GaussianValues.Color..];

        // Comparisons with NaN are false, so a record within all limits is finite as well; the reason is only sought for the others.
        bool fine = AllWithin(mean, -MaxCoordinate, MaxCoordinate)
            && AllWithin(logScales, MinLogScale, MaxLogScale)
            && AllWithin(rotation, float.MinValue, float.MaxValue)
            && AllWithin(colors, -MaxColorCoefficient, MaxColorCoefficient)
            && !float.IsNaN(values[GaussianValues.Opacity]);
        bool pointsSomewhere = Norm(rotation) >= MinRotationNorm;
        if (fine && pointsSomewhere)
        {
            return GaussianDefect.None;
        }

        bool finite = AllWithin(mean, float.MinValue, float.MaxValue)
            && AllWithin(logScales, float.MinValue, float.MaxValue)
            && AllWithin(rotation, float.MinValue, float.MaxValue)
            && AllWithin(colors, float.MinValue, float.MaxValue)
            && !float.IsNaN(values[GaussianValues.Opacity]);
        return !finite ? GaussianDefect.NotFinite
            : !AllWithin(mean, -MaxCoordinate, MaxCoordinate) ? GaussianDefect.FarAway
            : !AllWithin(logScales, MinLogScale, MaxLogScale) ? GaussianDefect.ScaleOutOfRange
            : !pointsSomewhere ? GaussianDefect.ZeroRotation
            : GaussianDefect.ColorOutOfRange;
    }

    /// <summary>Gives a usable record a unit quaternion and a finite opacity, in place.</summary>
    /// <param name="values">A record that <see cref="Check"/> found no fault with.</param>
    public static void Normalize(Span<float> values)
    {
        ref float logit = ref values[GaussianValues.Opacity];
        if (float.IsInfinity(logit))
        {
            logit = float.IsPositive(logit) ? InfiniteLogit : -InfiniteLogit;
        }

        Span<float> rotation = values.Slice(GaussianValues.Rotation, 4);
        double norm = Norm(rotation);
        foreach (ref float part in rotation)
        {
            part = (float)(part / norm);
        }
    }

    /// <summary>One sentence about what was left out, or null when nothing was.</summary>
    /// <param name="defects">One per record of the file.</param>
    public static SceneProblem? Describe(ReadOnlySpan<GaussianDefect> defects)
    {
        Span<int> counts = stackalloc int[(int)GaussianDefect.ColorOutOfRange + 1];
        foreach (GaussianDefect defect in defects)
        {
            counts[(int)defect]++;
        }

        int ignored = defects.Length - counts[(int)GaussianDefect.None];
        if (ignored == 0)
        {
            return null;
        }

        var reasons = new List<string>();
        for (int i = 1; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                reasons.Add($"{counts[i]} {Reason((GaussianDefect)i)}");
            }
        }

        return new SceneProblem(
            "gaussians-ignored", $"{ignored} of {defects.Length} Gaussians are unusable and are ignored: {string.Join(", ", reasons)}.");
    }

    private static string Reason(GaussianDefect defect) => defect switch
    {
        GaussianDefect.NotFinite => "with NaN or infinite values",
        GaussianDefect.ZeroRotation => "with a zero rotation quaternion",
        GaussianDefect.FarAway => FormattableString.Invariant($"farther than {MaxCoordinate:0} from the origin"),
        GaussianDefect.ScaleOutOfRange => FormattableString.Invariant($"with a log-scale outside {MinLogScale}..{MaxLogScale}"),
        _ => FormattableString.Invariant($"with a colour coefficient beyond {MaxColorCoefficient:0}"),
    };

    private static bool AllWithin(ReadOnlySpan<float> values, float low, float high)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var lane = new Vector<float>(values[i..]);
            if (!Vector.GreaterThanOrEqualAll(lane, new Vector<float>(low)) || !Vector.LessThanOrEqualAll(lane, new Vector<float>(high)))
            {
                return false;
            }
        }

        for (; i < values.Length; i++)
        {
            if (!(values[i] >= low && values[i] <= high))
            {
                return false;
            }
        }

        return true;
    }

    // Double: the square of a large float overflows.
    private static double Norm(ReadOnlySpan<float> rotation)
    {
        (double w, double x, double y, double z) = (rotation[0], rotation[1], rotation[2], rotation[3]);
        return Math.Sqrt(w * w + x * x + y * y + z * z);
    }
}
