namespace Saga.Engine.Onnx;

/// <summary>An installed ONNX model cannot be used. The message says what was found, what was expected and the way out.</summary>
public sealed class InvalidOnnxModelException(string message, Exception? inner = null) : Exception(message, inner);
