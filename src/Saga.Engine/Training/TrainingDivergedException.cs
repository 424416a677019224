namespace Saga.Engine.Training;

/// <summary>The loss became NaN or infinite. The message says at which iteration and what to change.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
