using Saga.Cli.CommandLine;
using Saga.Cli.Evaluation;

namespace Saga.Cli.Tests.Evaluation;

public sealed class MaskOptionTests
{
    [Theory]
    [InlineData("builtin is in this process only", "--masks", "builtin", "--service", "http://127.0.0.1:5080")]
    [InlineData("there are no other kinds", "--masks", "best")]
    [InlineData("uploaded masks are measured by training", "--masks-only")]
    [InlineData("the same, said aloud", "--masks", "uploaded", "--masks-only")]
    public async Task Options_that_do_not_go_together_are_refused(string why, params string[] options)
    {
        var error = await Assert.ThrowsAsync<UsageException>(
            () => EvaluateCommand.RunAsync(["no-such-folder", .. options], CancellationToken.None));

        Assert.True(error.Message.Contains("--masks", StringComparison.Ordinal), why);
    }
}
