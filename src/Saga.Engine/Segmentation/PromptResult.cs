namespace Saga.Engine.Segmentation;

/// <summary>The answer to a prompt.</summary>
/// <param name="Selection">The selected Gaussians, in file order; possibly none. Disposing it saves the next prompt an allocation.</param>
/// <param name="Points">What each point showed, in the order of the prompt (positives, then negatives, when given as features).</param>
/// <param name="FeatureTime">Time to find the points' features.</param>
/// <param name="MatchTime">Time to score all Gaussians and to build the selection.</param>
public sealed record PromptResult(
    GaussianSelection Selection, IReadOnlyList<QueryFeature> Points, TimeSpan FeatureTime, TimeSpan MatchTime);
