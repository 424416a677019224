using System.Globalization;

namespace Saga.Cli.CommandLine;

/// <summary>The command line cannot be understood; the message says which argument and what is accepted.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>A command's arguments: positional ones, switches (<c>--exit</c>) and options (<c>--seed 3</c> or <c>--seed=3</c>).</summary>
public sealed class Arguments
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly HashSet<string> _switches = new(StringComparer.Ordinal);
    private readonly List<string> _positional = [];

    private Arguments()
    {
    }

    /// <summary>Arguments that are neither switches nor options, in order.</summary>
    public IReadOnlyList<string> Positional => _positional;

    /// <summary>Reads a command's arguments.</summary>
    /// <param name="args">Everything after the command's name.</param>
    /// <param name="switches">Names of the switches it knows, without dashes.</param>
    /// <param name="options">Names of the options it knows, without dashes.</param>
    /// <param name="positional">Names of the positional arguments; all are needed.</param>
    /// <exception cref="UsageException">Something unknown, doubled, missing or too much.</exception>
    public static Arguments Parse(
        ReadOnlySpan<string> args, IReadOnlyCollection<string> switches, IReadOnlyCollection<string> options,
        IReadOnlyList<string> positional)
    {
        var result = new Arguments();
        for (int i = 0; i < args.Length; i++)
        {
            string arg = args[i];
            if (!arg.StartsWith("--", StringComparison.Ordinal))
            {
                result._positional.Add(arg);
                continue;
            }

            int equals = arg.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? arg[2..] : arg[2..equals];
            if (switches.Contains(name) && equals < 0)
            {
                result._switches.Add(name);
            }
            else if (options.Contains(name))
            {
                if (equals < 0 && i + 1 >= args.Length)
                {
                    throw new UsageException($"--{name} needs a value.");
                }

                if (!result._options.TryAdd(name, equals < 0 ? args[++i] : arg[(equals + 1)..]))
                {
                    throw new UsageException($"--{name} is given twice.");
                }
            }
            else
            {
                string known = string.Join(", ", switches.Concat(options).Select(n => "--" + n));
                throw new UsageException($"{arg} is not known here; accepted: {known}.");
            }
        }

        if (result._positional.Count != positional.Count)
        {
            string expected = positional.Count == 0 ? "none" : string.Join(" ", positional);
            throw new UsageException($"{result._positional.Count} plain arguments are given; expected: {expected}.");
        }

        return result;
    }

    /// <summary>True when the switch is given.</summary>
    public bool Has(string name) => _switches.Contains(name);

    /// <summary>The value of an option, or null.</summary>
    public string? Text(string name) => _options.GetValueOrDefault(name);

    /// <summary>The value of an option that is a whole number, or null.</summary>
    public long? Whole(string name, long min, long max)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && value >= min && value <= max
            ? value
            : throw new UsageException($"--{name} is «{text}»; a whole number from {min} to {max} is accepted.");
    }

    /// <summary>The value of an option that is a number, or null.</summary>
    public double? Number(string name, double min, double max)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value >= min && value <= max
            ? value
            : throw new UsageException(FormattableString.Invariant(
                $"--{name} is «{text}»; a number from {min} to {max} is accepted."));
    }

    /// <summary>The value of an option that is one of a few words, or the first of them.</summary>
    public string OneOf(string name, params ReadOnlySpan<string> accepted)
    {
        string text = Text(name) ?? accepted[0];
        return accepted.Contains(text)
            ? text
            : throw new UsageException($"--{name} is «{text}»; accepted: {string.Join(", ", accepted!)}.");
    }
}
