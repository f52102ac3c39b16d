using System.Text.Json.Nodes;
using Gateway.Cli.Doctor;
using Gateway.Cli.Run;
using Gateway.Cli.Terminal;
using Gateway.Tests.Support;
using Spectre.Console;
using Xunit;

namespace Gateway.Tests.Cli;

/// <summary>What the tool prints, and what it does not let through.</summary>
public sealed class TerminalSpecs : IDisposable
{
    private readonly StringWriter written = new();

    public void Dispose() => written.Dispose();

    [Theory]
    [InlineData("\u001b]0;title\u0007\u001b[2Jplain", "]0;title[2Jplain")]
    [InlineData("a\rb\bc\u009bd\u202ee", "abcde")]
    [InlineData("line\n\tnext", "line\n\tnext")]
    public void Codes_that_move_a_terminal_do_not_reach_it(string text, string shown) => Assert.Equal(shown, PlainText.Of(text));

    [Fact]
    public void A_table_shows_cells_as_text_and_never_as_markup()
    {
        ScreenOf(asJson: false).Show(new JsonObject(), ["HEAD"], [["[red]x[/] \u001b[31m"], [null]]);

        Assert.Contains("HEAD", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("[red]x[/] [31m", written.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', written.ToString());
    }

    [Fact]
    public void With_json_the_record_is_all_that_is_printed()
    {
        ScreenOf(asJson: true).Show(new JsonObject { ["a"] = 1 }, ["HEAD"], [["x"]]);

        Assert.Equal("{\"a\":1}\n", written.ToString());
    }

    [Theory]
    [InlineData(true, "\u001b[2J{\n\"on_deny\":\"a\u202eb\"}", "[2J{\n\"on_deny\":\"ab\"}\n")]
    [InlineData(false, "\u001b[2J{\n\"on_deny\":\"a\u202eb\"}", "\u001b[2J{\n\"on_deny\":\"a\u202eb\"}\n")]
    public void A_whole_text_is_never_broken_and_loses_its_codes_at_a_terminal_alone(bool terminal, string text, string shown)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new Written(written, terminal) });

        new Screen(console, asJson: false).Whole(text + new string('x', 300));

        Assert.Equal(shown[..^1] + new string('x', 300) + "\n", written.ToString());
    }

    [Fact]
    public void A_record_is_one_line_however_long_it_is()
    {
        ScreenOf(asJson: true).Line(new string('x', 1000));

        Assert.Equal(new string('x', 1000) + "\n", written.ToString());
    }

    [Fact]
    public async Task Whatever_a_run_is_told_of_shows_as_text()
    {
        // Colours, a title, what a terminal puts into the clipboard, a line written over, and a text turned round.
        const string Hostile = "\u001b[31mred\u001b]0;title\u0007\u001b]52;c;ZXZpbA==\u0007\u009b2J\rover\u202e[bold]x[/]";
        var display = new ProgressDisplay(ConsoleOf());
        display.Accepted(Hostile);
        display.Event(Hostile, Hostile);
        display.Warn(Hostile);
        await display.EndedAsync(new JsonObject { ["status"] = Hostile, ["failure"] = new JsonObject { ["message"] = Hostile } }, hasAnswer: false);

        var shown = written.ToString();
        Assert.DoesNotContain(shown, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        Assert.Equal(6, shown.Split("]52;c;ZXZpbA==").Length - 1);
        Assert.Equal(6, shown.Split("[bold]x[/]").Length - 1);
    }

    [Fact]
    public void Nothing_is_printed_but_through_the_two_doors_of_the_terminal()
    {
        var wrong = from file in Directory.EnumerateFiles(RepositoryFiles.Path("src/Gateway.Cli"), "*.cs", SearchOption.AllDirectories)
                    where !file.Contains("/Terminal/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal)
                    from line in File.ReadLines(file)
                    where line.Contains("Console.Out", StringComparison.Ordinal) || line.Contains("Console.Error", StringComparison.Ordinal)
                        || line.Contains("Console.Write", StringComparison.Ordinal) || line.Contains("AnsiConsole.Create", StringComparison.Ordinal)
                    select $"{file}: {line.Trim()}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void Doctor_tells_every_fault_that_a_gateway_states_of_itself()
    {
        var status = new JsonObject
        {
            ["version"] = "1.0.0",
            ["backend"] = "postgresql",
            ["health"] = new JsonObject { ["checks"] = new JsonArray(new JsonObject { ["name"] = "store", ["status"] = "failed", ["reason"] = "The store cannot be reached." }) },
            ["workers"] = new JsonArray(),
            ["queued"] = 5,
            ["outbox"] = new JsonObject { ["pending"] = 3, ["oldestDueSeconds"] = 61.0, ["dead"] = 2L },
        };

        Assert.Equal(["store", "workers", "outbox", "dead letters"], DoctorCommand.Of(status).Where(f => f.Verdict == "fault").Select(f => f.What));
    }

    [Theory]
    [InlineData("""{"sealed":5,"waiting":0,"oldestWaitingSeconds":0}""", "ok")]
    [InlineData("""{"sealed":5,"waiting":3,"oldestWaitingSeconds":59.9}""", "ok")]
    [InlineData("""{"sealed":5,"waiting":3,"oldestWaitingSeconds":60.1}""", "fault")]
    [InlineData("""{"sealed":5,"waiting":0,"oldestWaitingSeconds":0,"fault":"The chain was made anew."}""", "fault")]
    public void Doctor_tells_that_the_audit_log_is_not_sealed_or_late(string audit, string verdict) =>
        Assert.Equal(verdict, Assert.Single(DoctorCommand.Of(new JsonObject { ["audit"] = JsonNode.Parse(audit) }), f => f.What == "audit log").Verdict);

    [Fact]
    public void Doctor_tells_that_the_chain_is_broken_in_the_words_of_the_first_fault()
    {
        Assert.Equal("ok", DoctorCommand.OfVerdict(new JsonObject { ["records"] = 3, ["faultCount"] = 0L, ["faults"] = new JsonArray() }).Verdict);
        var broken = DoctorCommand.OfVerdict(new JsonObject { ["records"] = 3, ["faultCount"] = 2L, ["faults"] = new JsonArray(new JsonObject { ["text"] = "Number 2 is not there." }) });
        Assert.Equal("fault", broken.Verdict);
        Assert.StartsWith("Number 2 is not there. 2 faults", broken.Text, StringComparison.Ordinal);
    }

    private Screen ScreenOf(bool asJson)
    {
        var console = ConsoleOf();
        console.Profile.Width = 80;
        return new Screen(console, asJson);
    }

    private IAnsiConsole ConsoleOf()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = 1000;
        return console;
    }

    private sealed class Written(TextWriter writer, bool terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => terminal;

        public int Width => 80;

        public int Height => 24;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
