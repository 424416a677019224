namespace Saga.Engine.OpenVocabulary;

/// <summary>A tokenizer's files cannot be used; the message names the file and what was expected.</summary>
public sealed class InvalidVocabularyException(string message, Exception? inner = null) : Exception(message, inner);
