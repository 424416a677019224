using Saga.Cli.CommandLine;

namespace Saga.Cli.Tests.CommandLine;

public sealed class ArgumentsTests
{
    [Fact]
    public void Reads_switches_options_and_plain_arguments_in_any_order()
    {
        Arguments arguments = Parse("--seed", "-3", "folder", "--exit", "--scale=0.5");

        Assert.Equal(["folder"], arguments.Positional);
        Assert.True(arguments.Has("exit"));
        Assert.Equal(-3, arguments.Whole("seed", -10, 10));
        Assert.Equal(0.5, arguments.Number("scale", 0, 1));
    }

    [Fact]
    public void What_is_not_given_is_absent()
    {
        Arguments arguments = Parse("folder");

        Assert.False(arguments.Has("exit"));
        Assert.Null(arguments.Whole("seed", 0, 1));
        Assert.Null(arguments.Number("scale", 0, 1));
        Assert.Null(arguments.Text("seed"));
        Assert.Equal("balanced", arguments.OneOf("preset", "balanced", "paper"));
    }

    [Theory]
    [InlineData("--nonsense", "folder")]
    [InlineData("--exit=1", "folder")]
    [InlineData("folder", "--seed")]
    [InlineData("--seed=1", "--seed=2", "folder")]
    [InlineData("folder", "another")]
    [InlineData]
    public void Refuses_what_it_does_not_know_or_what_is_missing(params string[] args) =>
        Assert.Throws<UsageException>(() => Parse(args));

    [Theory]
    [InlineData("x")]
    [InlineData("1.5")]
    [InlineData("11")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public void Refuses_whole_numbers_that_are_none_or_out_of_range(string text)
    {
        var error = Assert.Throws<UsageException>(() => Parse("folder", "--seed=" + text).Whole("seed", 0, 10));

        Assert.Contains("from 0 to 10", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("0,5")]
    [InlineData("-0.1")]
    public void Refuses_numbers_that_are_none_or_out_of_range(string text) =>
        Assert.Throws<UsageException>(() => Parse("folder", "--scale=" + text).Number("scale", 0, 1));

    [Fact]
    public void Refuses_a_word_that_is_not_accepted() =>
        Assert.Throws<UsageException>(() => Parse("folder", "--preset=best").OneOf("preset", "balanced", "paper"));

    private static Arguments Parse(params string[] args) =>
        Arguments.Parse(args, ["exit"], ["seed", "scale", "preset"], ["FOLDER"]);
}
