using System.Text.Json.Nodes;
using Spectre.Console;

namespace Gateway.Cli.Terminal;

/// <summary>Prints answers: a table for people, or with <c>--json</c> the record itself.</summary>
/// <param name="output">Where to.</param>
/// <param name="asJson">As a record.</param>
internal sealed class Screen(IAnsiConsole output, bool asJson)
{
    private const int TableWidthOfAPipe = 200;

    /// <summary>Whether records are wanted.</summary>
    public bool AsJson => asJson;

    /// <summary>The screen of this process.</summary>
    public static Screen Of(bool asJson)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (Console.IsOutputRedirected)
        {
            // A pipe has no width, and a cut id is worth nothing.
            console.Profile.Width = TableWidthOfAPipe;
        }

        return new Screen(console, asJson);
    }

    /// <summary>Where progress is shown: stderr, so that an answer can be piped.</summary>
    public static IAnsiConsole OfProgress() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>The record, or the rows of it.</summary>
    /// <param name="record">What the gateway answered.</param>
    /// <param name="columns">Heads of the columns.</param>
    /// <param name="rows">Cells, as the gateway wrote them.</param>
    public void Show(JsonNode record, string[] columns, IEnumerable<string?[]> rows)
    {
        if (asJson)
        {
            output.Profile.Out.Writer.WriteLine(record.ToJsonString());
            return;
        }

        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn($"[bold]{Markup.Escape(column)}[/]").NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(PlainText.Line(cell)))]);
        }

        output.Write(table);
    }

    /// <summary>The record, or its members one below the other.</summary>
    public void Show(JsonObject record) =>
        Show(record, ["", ""], record.Where(m => m.Value is not null and not JsonArray { Count: 0 }).Select(m => (string?[])[m.Key, m.Value is JsonValue value ? value.ToString() : m.Value?.ToJsonString()]));

    /// <summary>A line, however long: a record that is wrapped is none.</summary>
    public void Line(string text) => output.Profile.Out.Writer.WriteLine(PlainText.Line(text));

    /// <summary>A text of lines that are never broken, so that it can be piped and searched; a terminal gets it without control codes.</summary>
    public void Whole(string text) => output.Profile.Out.Writer.WriteLine(output.Profile.Out.IsTerminal ? PlainText.Of(text) : text);
}
