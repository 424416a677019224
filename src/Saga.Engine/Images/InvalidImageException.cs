namespace Saga.Engine.Images;

/// <summary>An image file cannot be used. The message says what was found, what was expected and the way out.</summary>
public sealed class InvalidImageException(string message, Exception? inner = null) : Exception(message, inner);
