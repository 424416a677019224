namespace Saga.Cli.Cluster;

/// <summary>A check found something other than what is promised; the message says what.</summary>
public sealed class CheckFailedException(string message) : Exception(message)
{
    /// <summary>Fails unless a condition holds.</summary>
    public static void Unless(bool condition, string message)
    {
        if (!condition)
        {
            throw new CheckFailedException(message);
        }
    }
}
