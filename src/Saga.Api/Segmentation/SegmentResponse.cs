using Saga.Api.Selections;

namespace Saga.Api.Segmentation;

/// <summary>The answer to a prompt.</summary>
/// <param name="GaussianCount">Records in the uploaded file.</param>
/// <param name="Indices">Selected records of the uploaded file, ascending.</param>
/// <param name="Scale">The quantile that was used.</param>
/// <param name="PointFeatures">What each point hit.</param>
internal sealed record SegmentResponse(
    int GaussianCount,
    int SelectedCount,
    SelectionIndices Indices,
    double Scale,
    double Threshold,
    IReadOnlyList<PointFeatureResponse> PointFeatures,
    SegmentTimings Timings);

/// <summary>What a prompt without a scale may mean.</summary>
/// <param name="GaussianCount">Records in the uploaded file.</param>
/// <param name="Threshold">The cosine that was used.</param>
/// <param name="Candidates">From fine to coarse, all different; empty where nothing is selected at any scale.</param>
/// <param name="PointFeatures">What each point hit.</param>
internal sealed record CandidatesResponse(
    int GaussianCount,
    double Threshold,
    IReadOnlyList<CandidateResponse> Candidates,
    IReadOnlyList<PointFeatureResponse> PointFeatures,
    SegmentTimings Timings);

/// <summary>One granularity.</summary>
/// <param name="Scale">The quantile with which /segment answers this selection.</param>
/// <param name="ScaleFrom">The finest scale that it stands for.</param>
/// <param name="ScaleTo">The coarsest scale that it stands for; between here and the next one's finest the selection changes.</param>
/// <param name="SelectedCount">How many Gaussians it selects.</param>
/// <param name="Stability">Share of all scales that select much the same, times how much the same, in (0, 1].</param>
internal sealed record CandidateResponse(double Scale, double ScaleFrom, double ScaleTo, int SelectedCount, double Stability);

/// <summary>Where the time went, milliseconds.</summary>
/// <param name="LoadMs">Waiting for the scene to be in memory; about 0 when it was.</param>
internal sealed record SegmentTimings(double LoadMs, double FeatureMs, double MatchMs, double TotalMs)
{
    public string ToServerTiming() => FormattableString.Invariant(
        $"load;dur={LoadMs:0.###}, feature;dur={FeatureMs:0.###}, match;dur={MatchMs:0.###}, total;dur={TotalMs:0.###}");
}
