namespace Saga.Engine.Affinity;

/// <summary>A model file cannot be used. The message says what was found, what was expected and the way out.</summary>
public sealed class InvalidModelException(string message, Exception? inner = null) : Exception(message, inner);
