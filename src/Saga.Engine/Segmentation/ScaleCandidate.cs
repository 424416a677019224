namespace Saga.Engine.Segmentation;

/// <summary>One granularity at which a prompt's selection hardly depends on the scale.</summary>
/// <param name="Quantile">Scale in [0, 1], in the middle of those that it stands for.</param>
/// <param name="FirstQuantile">The finest of the tried scales that it stands for; the one before selects something else.</param>
/// <param name="LastQuantile">The coarsest of the tried scales that it stands for; the one after selects something else.</param>
/// <param name="SelectedCount">How many Gaussians a prompt at this scale selects, exactly.</param>
/// <param name="Stability">
/// Share of all scales that it stands for, times the mean IoU of their selections with this one; in (0, 1]. All candidates of a
/// prompt together have at most 1.
/// </param>
public sealed record ScaleCandidate(
    double Quantile, double FirstQuantile, double LastQuantile, int SelectedCount, double Stability);

/// <summary>The answer to a prompt without a scale.</summary>
/// <param name="Candidates">From fine to coarse, all different; none where nothing is selected at any scale.</param>
/// <param name="Points">What each point showed, in the order of the prompt.</param>
/// <param name="FeatureTime">Time to find the points' features.</param>
/// <param name="MatchTime">Time to try the scales and to count.</param>
public sealed record CandidatesResult(
    IReadOnlyList<ScaleCandidate> Candidates, IReadOnlyList<QueryFeature> Points, TimeSpan FeatureTime, TimeSpan MatchTime);
