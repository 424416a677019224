using Saga.Engine.Affinity;

namespace Saga.Api.Models;

/// <summary>The trained model of a scene as the contract shows it.</summary>
/// <param name="FinalLoss">Loss over the last iterations; null where the model came without one.</param>
/// <param name="ScaleKnots">Mask scales in world units at the quantiles 0, 0.5 and 1.</param>
internal sealed record ModelResponse(
    DateTimeOffset TrainedAt, int Iterations, int FeatureDimension, long Seed, double? FinalLoss, ScaleKnotsResponse ScaleKnots)
{
    public static ModelResponse From(AffinityModel model) => new(
        model.Info.TrainedAt.ToUniversalTime(),
        model.Info.Iterations,
        model.Dimension,
        model.Info.Seed,
        double.IsFinite(model.Info.FinalLoss) ? model.Info.FinalLoss : null,
        new ScaleKnotsResponse(model.Quantiles.ToScale(0), model.Quantiles.ToScale(0.5), model.Quantiles.ToScale(1)));
}

/// <summary>What <c>scale</c> 0, 0.5 and 1 mean in world units.</summary>
internal sealed record ScaleKnotsResponse(double Min, double Median, double Max);
