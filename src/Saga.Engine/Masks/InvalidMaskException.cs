namespace Saga.Engine.Masks;

/// <summary>A mask file cannot be used. The message says what was found, what was expected and the way out.</summary>
public sealed class InvalidMaskException(string message, Exception? inner = null) : Exception(message, inner);
