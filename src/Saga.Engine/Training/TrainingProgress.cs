namespace Saga.Engine.Training;

/// <summary>Where a training stands.</summary>
/// <param name="Stage">What is being done: <c>measuring masks</c>, <c>finding neighbours</c>, <c>training</c>, <c>smoothing</c>.</param>
/// <param name="Fraction">0..1 over the whole run; never falls.</param>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Iterations">Iterations to do.</param>
/// <param name="Loss">Loss averaged over the last iterations; null before the first.</param>
/// <param name="IterationsPerSecond">Over the last second; null before the first.</param>
public sealed record TrainingProgress(
    string Stage, double Fraction, int Iteration, int Iterations, double? Loss, double? IterationsPerSecond);
