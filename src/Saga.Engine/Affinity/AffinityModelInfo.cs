namespace Saga.Engine.Affinity;

/// <summary>Where a model came from; saved in its file.</summary>
/// <param name="TrainedAt">UTC.</param>
/// <param name="Iterations">Iterations run.</param>
/// <param name="Seed">Seed of every random draw.</param>
/// <param name="FinalLoss">Loss averaged over the last iterations.</param>
/// <param name="OptionsJson">All training options, as JSON, for the record.</param>
/// <param name="SceneSha256">SHA-256 of the Gaussian file, lower-case hex; empty when not known.</param>
/// <param name="FileGaussianCount">Records in the Gaussian file.</param>
public sealed record AffinityModelInfo(
    DateTimeOffset TrainedAt, int Iterations, long Seed, double FinalLoss, string OptionsJson, string SceneSha256, int FileGaussianCount);
