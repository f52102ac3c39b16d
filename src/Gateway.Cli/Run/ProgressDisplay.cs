using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli.Terminal;
using Spectre.Console;

namespace Gateway.Cli.Run;

/// <summary>Shows a job at a terminal: progress on stderr, the answer alone on stdout, so that it can be piped.</summary>
internal sealed class ProgressDisplay
{
    private readonly IAnsiConsole progress = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>The job has an id.</summary>
    public void Accepted(string jobId) => progress.MarkupLine($"[grey]{Markup.Escape(jobId)}[/] accepted");

    /// <summary>The job is further.</summary>
    public void Event(string phase, string message) =>
        progress.MarkupLine($"  [blue]{Markup.Escape(phase).PadRight(9)}[/] {Markup.Escape(message)}");

    /// <summary>Something to know.</summary>
    public void Warn(string message) => progress.MarkupLine($"[yellow]{Markup.Escape(message)}[/]");

    /// <summary>A page of the answer. What an agent wrote is data: at a terminal it may not move the cursor or set a title.</summary>
    public void Answer(string text, bool isFirst)
    {
        if (isFirst)
        {
            progress.WriteLine();
        }

        Console.Out.Write(Console.IsOutputRedirected ? text : PlainText.Of(text));
    }

    /// <summary>The last line: how it ended, how long it took, what it cost.</summary>
    public void Ended(JsonNode job, bool hasAnswer)
    {
        if (hasAnswer)
        {
            Console.Out.WriteLine();
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
        progress.MarkupLine($"[{(status == "completed" ? "green" : "red")}]{Markup.Escape(line.ToString())}[/]");
        if (job["failure"]?["message"]?.GetValue<string>() is { } failure)
        {
            progress.MarkupLine($"[red]{Markup.Escape(failure)}[/]");
        }
    }
}
