namespace Saga.Engine.Segmentation;

/// <summary>A prompt cannot be answered. The message says what was found, what was expected and the way out.</summary>
/// <param name="code">One of the codes of this class.</param>
/// <param name="message">One sentence for people.</param>
public sealed class PromptRefusedException(string code, string message) : Exception(message)
{
    /// <summary>A point lies on nothing: Σ w &lt; 0.5 there.</summary>
    public const string PointOnBackground = "point-on-background";

    /// <summary>A point lies outside the camera's image.</summary>
    public const string PointOutsideView = "point-outside-view";

    /// <summary>The scale is not in [0, 1].</summary>
    public const string ScaleOutOfRange = "scale-out-of-range";

    /// <summary>The threshold is not in [-1, 1].</summary>
    public const string ThresholdOutOfRange = "threshold-out-of-range";

    /// <summary>No point is positive.</summary>
    public const string NoPositivePoint = "no-positive-point";

    /// <summary>More than <see cref="PromptSegmenter.MaxPoints"/> points.</summary>
    public const string TooManyPoints = "too-many-points";

    /// <summary>The selection to stay within belongs to another scene.</summary>
    public const string SelectionMismatch = "selection-mismatch";

    /// <summary>An option of a decomposition is out of its range.</summary>
    public const string InvalidOptions = "invalid-options";

    /// <summary>Stable and machine-readable: what was wrong.</summary>
    public string Code { get; } = code;
}
