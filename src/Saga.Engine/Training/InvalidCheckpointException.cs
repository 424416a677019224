namespace Saga.Engine.Training;

/// <summary>A checkpoint is damaged or belongs to another training; the training starts over.</summary>
public sealed class InvalidCheckpointException(string message, Exception? inner = null) : Exception(message, inner);
