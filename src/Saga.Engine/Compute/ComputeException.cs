namespace Saga.Engine.Compute;

/// <summary>A compute device did not do what it was asked; what was asked can be done on the CPU instead.</summary>
/// <param name="message">For a log: the call and its error.</param>
public class ComputeException(string message) : Exception(message);

/// <summary>The device has no memory left, or none within its budget: make room and try again, or use the CPU.</summary>
/// <param name="message">What was asked for.</param>
public sealed class ComputeMemoryException(string message) : ComputeException(message);

/// <summary>The device no longer answers: its driver was reset or it was taken away. It stays lost for this process.</summary>
/// <param name="message">The call and its error.</param>
public sealed class ComputeDeviceLostException(string message) : ComputeException(message);
