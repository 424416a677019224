namespace Saga.Api.Hosting;

/// <summary>The service cannot start as configured. The message is one sentence for the person who starts it.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
