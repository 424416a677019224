namespace Saga.Engine.Onnx;

/// <summary>A model is not installed. The message says which file is looked for where, and how to get it.</summary>
public sealed class MissingModelException(string message) : Exception(message);
