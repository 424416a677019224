namespace Saga.Engine.Scenes;

/// <summary>A scene file cannot be used. The message says what was found, what was expected and the way out.</summary>
public sealed class InvalidSceneException(string message, Exception? inner = null) : Exception(message, inner);
