using System.Globalization;

namespace Saga.Engine.Tests.Fuzzing;

/// <summary><c>./run fuzz</c>: as long as somebody has time for.</summary>
internal static class FuzzCommand
{
    public const string Switch = "--fuzz";

    private const string Usage =
        """
        ./run fuzz [PARSER...] [--seconds N] [--inputs N] [--seed N]
          damages small files and reads what comes of them, every parser for N seconds (default: 20), at most N inputs each;
          the same seed tries the same inputs; ends with 1 at the first thing that must not happen, and keeps its input
        """;

    public static int Run(string[] args)
    {
        using var targets = new FuzzTargets();
        var names = new List<string>();
        var numbers = new Dictionary<string, long> { ["--seconds"] = 20, ["--inputs"] = long.MaxValue, ["--seed"] = 1 };
        for (int i = 0; i < args.Length; i++)
        {
            if (numbers.ContainsKey(args[i]) && i + 1 < args.Length && long.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                numbers[args[i++]] = number;
            }
            else if (targets.All.Any(target => target.Name == args[i]))
            {
                names.Add(args[i]);
            }
            else
            {
                Console.Error.WriteLine($"«{args[i]}» is no parser and no option.\n{Usage}\nParsers: {string.Join(" ", targets.All)}");
                return 2;
            }
        }

        Console.WriteLine("| parser | inputs | read | different refusals |");
        Console.WriteLine("|---|---|---|---|");
        int findings = 0;
        foreach (FuzzTarget target in targets.All.Where(target => names.Count == 0 || names.Contains(target.Name)))
        {
            FuzzResult result = new FuzzRun(target, (int)numbers["--seed"]).Run(TimeSpan.FromSeconds(numbers["--seconds"]), numbers["--inputs"]);
            Console.WriteLine(FormattableString.Invariant($"| {target.Name} | {result.Inputs} | {result.Read} | {result.Messages} |"));
            if (result.Finding is not null)
            {
                findings++;
                Console.WriteLine();
                Console.WriteLine(result.Finding);
                Console.WriteLine();
            }
        }

        return findings == 0 ? 0 : 1;
    }
}
