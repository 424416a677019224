using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Saga.Engine.Tests.Fuzzing;

/// <summary>What came of a run.</summary>
/// <param name="Inputs">Files tried.</param>
/// <param name="Read">Of these, read without a refusal.</param>
/// <param name="Messages">Different refusals, their numbers left out.</param>
/// <param name="Finding">What must not have happened, and with which input; null where all is well.</param>
internal sealed record FuzzResult(long Inputs, long Read, int Messages, string? Finding);

/// <summary>Damages seeds and reads what comes of them, until it is enough or something happens that must not.</summary>
/// <remarks>
/// Held to: no exception but the parser's refusals; no file that takes more than a second of work, three times in a row; no more memory than ten
/// times the file and 64 MiB. A file with a refusal that was not seen before is damaged further: so deeper code is reached.
/// </remarks>
internal sealed partial class FuzzRun(FuzzTarget target, int seed)
{
    public const long AllowedBytes = 64L << 20;
    public const int AllowedFactor = 10;
    private const int MostSeeds = 400;
    private const int LargestSeed = 1 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(seed);
    private readonly HashSet<string> _messages = [];
    private readonly List<byte[]> _seeds = [.. target.Seeds];

    /// <param name="time">How long.</param>
    /// <param name="inputs">At most so many files.</param>
    public FuzzResult Run(TimeSpan time, long inputs)
    {
        var mutator = new Mutator(_random);
        long start = Stopwatch.GetTimestamp();
        long read = 0;
        long tried = 0;
        byte[] current = [];

        // A parser that never returns cannot be stopped from here; its input is kept and the process ends.
        using var watchdog = new Timer(_ =>
        {
            Console.Error.WriteLine($"{target.Name} hangs: {Keep(current)}");
            Environment.Exit(3);
        });
        foreach (byte[] file in target.Seeds)
        {
            if (Try(file) is { Finding: not null } or { WasRead: false })
            {
                return new FuzzResult(0, 0, 0, $"{target.Name}: a seed is not read: {_lastMessage}");
            }
        }

        while (tried < inputs && Stopwatch.GetElapsedTime(start) < time)
        {
            byte[] file = Next(mutator);
            current = file;
            watchdog.Change(Hangs, Timeout.InfiniteTimeSpan);
            (bool wasRead, string? finding) = Try(file);
            tried++;
            read += wasRead ? 1 : 0;
            if (finding is not null)
            {
                return new FuzzResult(tried, read, _messages.Count, $"{target.Name}, seed {seed}, input {tried}: {finding}; {Keep(file)}");
            }
        }

        return new FuzzResult(tried, read, _messages.Count, null);
    }

    private string _lastMessage = "";

    private byte[] Next(Mutator mutator)
    {
        byte[] file = _seeds[_random.Next(_seeds.Count)];
        byte[] other = _seeds[_random.Next(_seeds.Count)];
        if (target.Container is { } container && _random.Next(4) > 0)
        {
            // Only what is right can be opened.
            byte[] whole = target.Seeds[_random.Next(target.Seeds.Count)];
            byte[][] pieces = container.Open(whole);
            int damaged = _random.Next(pieces.Length);
            pieces[damaged] = mutator.Mutate(pieces[damaged], pieces[_random.Next(pieces.Length)]);
            return container.Close(whole, pieces);
        }

        return mutator.Mutate(file, other);
    }

    private (bool WasRead, string? Finding) Try(byte[] file)
    {
        for (int round = 1; ; round++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            TimeSpan work = Environment.CpuUsage.TotalTime;
            bool wasRead = false;
            try
            {
                target.Parse(file);
                wasRead = true;
            }
            catch (Exception error) when (target.Refusals.Contains(error.GetType()))
            {
                Learn(error.Message, file);
            }
            catch (Exception error)
            {
                return (false, $"{error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}");
            }

            long bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (bytes > (AllowedFactor * (long)file.Length) + AllowedBytes)
            {
                return (wasRead, $"{bytes >> 20} MiB for a file of {file.Length} bytes");
            }

            // On a busy machine a parser waits for its turn: what it works is what counts, unless it is the wait that does not end.
            TimeSpan waited = Stopwatch.GetElapsedTime(start);
            work = Environment.CpuUsage.TotalTime - work;
            if (work < Longest && waited < LongestWait)
            {
                return (wasRead, null);
            }

            // Once is chance: the process compiles and collects beside it.
            if (round == 3)
            {
                return (wasRead, $"{work.TotalSeconds:0.0} s of work in {waited.TotalSeconds:0.0} s");
            }
        }
    }

    private void Learn(string message, byte[] file)
    {
        _lastMessage = message;
        if (_seeds.Count < MostSeeds && file.Length <= LargestSeed && _messages.Add(Changing().Replace(message, "")))
        {
            _seeds.Add(file);
        }
    }

    private string Keep(byte[] file)
    {
        string path = Path.Combine(Path.GetTempPath(), $"saga-fuzz-{target.Name}-{Guid.NewGuid():N}");
        File.WriteAllBytes(path, file);
        return $"the input is kept as {path}";
    }

    /// <summary>What differs from file to file: numbers, and what is quoted.</summary>
    [GeneratedRegex("«[^»]*»|[0-9.eE+-]+")]
    private static partial Regex Changing();
}
