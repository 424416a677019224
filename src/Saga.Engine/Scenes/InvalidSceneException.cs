namespace Saga.Engine.Scenes;

/// <summary>A scene file cannot be used. The message says what was found, what was expected and the way out.</summary>
public sealed class InvalidSceneException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when the file may be in order, but is of a format that is not read.</summary>
    public bool IsOtherFormat { get; init; }
}
