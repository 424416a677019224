namespace Saga.Engine.Tests.Fuzzing;

/// <summary>A parser and what is to be damaged for it.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Seeds">Small files that are right.</param>
/// <param name="Parse">Reads a file; throws a refusal or nothing.</param>
/// <param name="Refusals">The exceptions that say «this file is wrong».</param>
/// <param name="Container">What the files are packed in, if they are.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Parse, Type[] Refusals, Container? Container = null)
{
    public override string ToString() => Name;
}
