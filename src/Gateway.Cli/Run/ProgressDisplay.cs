using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli.Terminal;
using Spectre.Console;

namespace Gateway.Cli.Run;

/// <summary>Shows a job at a terminal: progress on stderr, the answer alone on stdout, so that it can be piped.</summary>
/// <param name="progress">Where progress is shown.</param>
internal sealed class ProgressDisplay(IAnsiConsole progress)
{
    /// <summary>The job has an id.</summary>
    public void Accepted(string jobId) => progress.MarkupLine($"[grey]{Plain(jobId)}[/] accepted");

    /// <summary>The job is further.</summary>
    public void Event(string phase, string message) =>
        progress.MarkupLine($"  [blue]{Plain(phase).PadRight(9)}[/] {Plain(message)}");

    /// <summary>Something to know.</summary>
    public void Warn(string message) => progress.MarkupLine($"[yellow]{Plain(message)}[/]");

    /// <summary>A page of the answer.</summary>
    public Task AnswerAsync(string text, bool isFirst)
    {
        if (isFirst)
        {
            progress.WriteLine();
        }

        return Outlet.PieceAsync(text);
    }

    /// <summary>The last line: how it ended, how long it took, what it cost.</summary>
    public async Task EndedAsync(JsonNode job, bool hasAnswer)
    {
        if (hasAnswer)
        {
            await Outlet.PieceAsync(Environment.NewLine);
        }

        var status = job["status"]?.GetValue<string>() ?? "";
        var line = new StringBuilder(status);
        if (job["durationMs"]?.GetValue<long>() is { } ms)
        {
            line.Append(CultureInfo.InvariantCulture, $" after {ms / 1000.0:0.0} s");
        }

        if (job["costUsd"]?.GetValue<decimal>() is { } cost)
        {
            line.Append(CultureInfo.InvariantCulture, $", {cost:0.0000} USD");
        }

        progress.WriteLine();
        progress.MarkupLine($"[{(status == "completed" ? "green" : "red")}]{Plain(line.ToString())}[/]");
        if (job["failure"]?["message"]?.GetValue<string>() is { } failure)
        {
            progress.MarkupLine($"[red]{Plain(failure)}[/]");
        }
    }

    // What a gateway tells may hold what callers and agents wrote.
    private static string Plain(string text) => Markup.Escape(PlainText.Line(text));
}
