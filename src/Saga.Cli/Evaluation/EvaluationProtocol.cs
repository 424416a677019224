namespace Saga.Cli.Evaluation;

/// <summary>Every setting of the evaluation; written into its report.</summary>
public sealed record EvaluationProtocol
{
    /// <summary>Cosine at which a Gaussian counts as selected.</summary>
    public float Threshold { get; init; } = 0.75f;

    /// <summary>Scales tried for each target, quantiles in [0, 1]; the best IoU counts.</summary>
    public IReadOnlyList<double> Scales { get; init; } = [.. Enumerable.Range(0, 11).Select(i => i / 10.0)];

    /// <summary>Objects with fewer Gaussians are left out.</summary>
    public int MinObjectGaussians { get; init; } = 300;

    /// <summary>Parts with fewer Gaussians are left out.</summary>
    public int MinPartGaussians { get; init; } = 150;

    /// <summary>Parts that show fewer pixels in their best view are left out.</summary>
    public int MinPartPixels { get; init; } = 200;

    /// <summary>Name of the object that the others stand on; it and its parts are no targets.</summary>
    public string BackgroundObject { get; init; } = "ground";

    /// <summary>How the point of a target is chosen.</summary>
    public string Point { get; init; } =
        "view with most pixels of the target (first by name if equal); pixel farthest from any other pixel or the image border "
        + "(exact Euclidean; topmost, then leftmost if equal), clicked at its centre";
}
