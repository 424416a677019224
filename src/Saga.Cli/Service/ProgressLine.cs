using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Saga.Cli.Service;

/// <summary>Shows a running job: one line that is rewritten on a terminal, a plain line every few seconds elsewhere.</summary>
/// <param name="output">Where to.</param>
/// <param name="isTerminal">Whether lines can be rewritten there.</param>
public sealed class ProgressLine(TextWriter output, bool isTerminal)
{
    private const int BarWidth = 24;

    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SpeedWindow = TimeSpan.FromSeconds(5);

    private readonly Queue<(long Time, int Iteration)> _recent = new();
    private long _shownAt;
    private string _shownStage = "";
    private int _shownWidth;

    /// <summary>Takes notice of a new state, and shows it if it is time to.</summary>
    public void Show(JobAnswer job)
    {
        long now = Stopwatch.GetTimestamp();
        double? speed = Speed(job, now);
        bool due = _shownAt == 0 || job.IsOver || job.Stage != _shownStage
            || Stopwatch.GetElapsedTime(_shownAt, now) >= (isTerminal ? TerminalInterval : PlainInterval);
        if (!due)
        {
            return;
        }

        _shownAt = now;
        _shownStage = job.Stage;
        string line = Format(job, speed, isTerminal);
        if (isTerminal)
        {
            output.Write("\r" + line.PadRight(_shownWidth) + (job.IsOver ? "\n" : ""));
            _shownWidth = line.Length;
        }
        else
        {
            output.WriteLine(line);
        }

        output.Flush();
    }

    /// <summary>The line for a state.</summary>
    public static string Format(JobAnswer job, double? speed, bool withBar)
    {
        var line = new StringBuilder("  ");
        if (withBar)
        {
            int filled = (int)Math.Clamp(job.Progress * BarWidth, 0, BarWidth);
            line.Append('[').Append('#', filled).Append('.', BarWidth - filled).Append("] ");
        }

        CultureInfo invariant = CultureInfo.InvariantCulture;
        line.Append(invariant, $"{100 * job.Progress,3:0} %  {(job.IsOver ? job.State : job.Stage)}");
        if (job.Iteration > 0)
        {
            line.Append(invariant, $"  {job.Iteration}/{job.Iterations}");
        }

        if (speed is not null)
        {
            line.Append(invariant, $"  {speed:0.0} it/s");
        }

        if (job.Loss is not null)
        {
            line.Append(invariant, $"  loss {job.Loss:0.0000}");
        }

        if (job.EtaSeconds is not null && !job.IsOver)
        {
            line.Append(invariant, $"  {(int)job.EtaSeconds / 60}:{(int)job.EtaSeconds % 60:00} left");
        }

        return line.ToString();
    }

    /// <summary>Iterations a second over the last seconds.</summary>
    private double? Speed(JobAnswer job, long now)
    {
        if (job.Iteration == 0 || (_recent.Count > 0 && job.Iteration < _recent.Last().Iteration))
        {
            _recent.Clear();
            return null;
        }

        _recent.Enqueue((now, job.Iteration));
        while (_recent.Count > 2 && Stopwatch.GetElapsedTime(_recent.Peek().Time, now) > SpeedWindow)
        {
            _recent.Dequeue();
        }

        (long time, int iteration) = _recent.Peek();
        double seconds = Stopwatch.GetElapsedTime(time, now).TotalSeconds;
        return seconds > 0.2 ? (job.Iteration - iteration) / seconds : null;
    }
}
