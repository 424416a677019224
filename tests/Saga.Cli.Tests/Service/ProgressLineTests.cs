using Saga.Cli.Service;

namespace Saga.Cli.Tests.Service;

public sealed class ProgressLineTests
{
    private static readonly JobAnswer Running = new(
        Guid.Empty, "running", "training", 0.5, 350, 700, 0.1234567, 65.9, null);

    [Fact]
    public void Shows_stage_percent_speed_loss_and_time_left() =>
        Assert.Equal("   50 %  training  350/700  12.3 it/s  loss 0.1235  1:05 left", ProgressLine.Format(Running, 12.34, withBar: false));

    [Fact]
    public void Leaves_out_what_is_not_known() =>
        Assert.Equal(
            "    0 %  waiting",
            ProgressLine.Format(
                Running with { Stage = "waiting", Progress = 0, Iteration = 0, Loss = null, EtaSeconds = null }, null, withBar: false));

    [Fact]
    public void Draws_a_bar_on_a_terminal() =>
        Assert.StartsWith("  [############............]  50 %", ProgressLine.Format(Running, null, withBar: true), StringComparison.Ordinal);

    [Fact]
    public void Without_a_terminal_a_new_line_appears_when_the_stage_changes_and_at_the_end_not_at_every_step()
    {
        var output = new StringWriter();
        var line = new ProgressLine(output, isTerminal: false);

        line.Show(Running);
        line.Show(Running with { Iteration = 351 });
        line.Show(Running with { Stage = "smoothing" });
        line.Show(Running with { Stage = "smoothing", State = "succeeded", Progress = 1 });

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Contains("succeeded", lines[^1], StringComparison.Ordinal);
    }
}
