namespace Saga.Engine.Scenes.Ply;

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

    /// <summary>Checks one record in the reader's order and normalises it in place.</summary>
    /// <param name="values">A whole record, as <see cref="GaussianRecordLayout"/> orders it.</param>
    public static GaussianDefect CheckAndNormalize(Span<float> values)
    {
        float logit = values[GaussianRecordLayout.Opacity];
        if (float.IsInfinity(logit))
        {
            values[GaussianRecordLayout.Opacity] = float.IsPositive(logit) ? InfiniteLogit : -InfiniteLogit;
        }

        // v - v is 0 for finite numbers and NaN for the rest, so one sum tells whether any is not finite.
        float notFinite = 0;
        foreach (float value in values)
        {
            notFinite += value - value;
        }

        if (float.IsNaN(notFinite))
        {
            return GaussianDefect.NotFinite;
        }

        if (Largest(values.Slice(GaussianRecordLayout.Mean, 3)) > MaxCoordinate)
        {
            return GaussianDefect.FarAway;
        }

        foreach (float logScale in values.Slice(GaussianRecordLayout.Scale, 3))
        {
            if (logScale is > MaxLogScale or < MinLogScale)
            {
                return GaussianDefect.ScaleOutOfRange;
            }
        }

        return !TryNormalize(values.Slice(GaussianRecordLayout.Rotation, 4)) ? GaussianDefect.ZeroRotation
            : Largest(values[GaussianRecordLayout.Color..]) > MaxColorCoefficient ? GaussianDefect.ColorOutOfRange
            : GaussianDefect.None;
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

    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        return largest;
    }

    private static bool TryNormalize(Span<float> rotation)
    {
        // Double: the square of a large float overflows.
        double normSquared = 0;
        foreach (float part in rotation)
        {
            normSquared += (double)part * part;
        }

        double norm = Math.Sqrt(normSquared);
        if (norm < MinRotationNorm)
        {
            return false;
        }

        foreach (ref float part in rotation)
        {
            part = (float)(part / norm);
        }

        return true;
    }
}
