namespace Saga.Engine.Cameras;

/// <summary>A camera, or a file of cameras, cannot be used. The message says what was found, what was expected and the way out.</summary>
public sealed class InvalidCameraException(string message, Exception? inner = null) : Exception(message, inner);
