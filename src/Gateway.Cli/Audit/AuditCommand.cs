using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Audit;

/// <summary><c>gateway audit</c>: who did what, and whether that is still all of it.</summary>
internal static class AuditCommand
{
    private const int ExportPage = 1_000;
    private static readonly string[] Columns = ["SEQ", "AT", "DECISION", "METHOD", "TOOL", "TENANT", "CALLER", "ABOUT", "WHY", "ADDRESS"];

    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options)
    {
        var command = options.On(new Command("audit", $"Read the audit log, take it elsewhere, and verify that nothing of it was changed, removed or put in. {ExitCodes.Words}"));
        command.Add(List(options));
        command.Add(Verify(options));
        command.Add(Export(options));
        return command;
    }

    private static Command List(AdminOptions options)
    {
        var filter = new AuditFilterOptions();
        var limit = new Option<int>("--limit") { Description = "At most so many, 1 to 1000; default 50.", DefaultValueFactory = _ => 50 };
        var command = filter.On(new Command("list", "List records, newest first."));
        command.Add(limit);
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            var answer = await client.GetAsync($"audit?limit={parsed.GetValue(limit)}{filter.QueryOf(parsed)}", cancellationToken);
            screen.Show(answer, Columns, (answer["records"]?.AsArray() ?? []).Select(Cells));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Verify(AdminOptions options)
    {
        var newest = new Option<long?>("--newest") { Description = "Only so many records from the end; default: all." };
        var command = new Command("verify", "Say whether each record, and the chain over all of them, is as the gateway left it: exit code 0 when it is, 1 when it is not.") { newest };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            var verdict = await client.GetAsync($"audit/verify?newest={parsed.GetValue(newest)}", cancellationToken);
            var faults = verdict["faults"]?.AsArray() ?? [];
            screen.Show(verdict, ["KIND", "SEQ", "RECORD", ""], faults.Select(fault => (string?[])[fault?["kind"]?.ToString(), fault?["seq"]?.ToString(), fault?["id"]?.ToString(), fault?["text"]?.ToString()]));
            if (!screen.AsJson)
            {
                screen.Line(InWords(verdict));
            }

            return verdict["faultCount"]?.GetValue<long>() == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Export(AdminOptions options)
    {
        var filter = new AuditFilterOptions();
        var format = new Option<string>("--format") { Description = "ndjson: a record a line; csv: for a sheet, in which no cell is a formula. Default: ndjson.", DefaultValueFactory = _ => "ndjson" };
        format.AcceptOnlyFromAmong("ndjson", "csv");
        var output = new Option<string?>("--output") { Description = "A new file to write to, which only you can read; default: standard output." };
        var command = filter.On(new Command("export", "Write records, oldest first."));
        command.Add(format);
        command.Add(output);
        options.Run(command, async (parsed, client, _, cancellationToken) =>
        {
            try
            {
                await using var writer = AuditFile.Open(parsed.GetValue(output));
                var sheet = parsed.GetValue(format) == "csv" ? new CsvSheet(writer) : null;
                await WriteAsync(client, filter.QueryOf(parsed), writer, sheet, cancellationToken);
                return ExitCodes.Done;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                await Outlet.ErrorAsync(problem.Message);
                return ExitCodes.Refused;
            }
        });
        return command;
    }

    private static async Task WriteAsync(AdminClient client, string query, TextWriter writer, CsvSheet? sheet, CancellationToken cancellationToken)
    {
        if (sheet is not null)
        {
            await sheet.WriteHeadAsync();
        }

        for (long? after = 0; after is { } from;)
        {
            var page = await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"audit?order=oldest&limit={ExportPage}&after={from}{query}"), cancellationToken);
            foreach (var record in (page["records"]?.AsArray() ?? []).OfType<JsonObject>())
            {
                await (sheet?.WriteAsync(record) ?? writer.WriteLineAsync(record.ToJsonString()));
            }

            after = page["next"]?.GetValue<long>();
        }
    }

    private static string InWords(JsonObject verdict)
    {
        var count = verdict["faultCount"]?.GetValue<long>() ?? 0;
        var waiting = verdict["waiting"]?.GetValue<long>() ?? 0;
        return $"{verdict["records"]} sealed records, {verdict["first"]} to {verdict["last"]} of the chain; {waiting} wait for their seal. "
            + (count == 0 ? "Nothing was changed, removed or put in." : $"{count} faults, of which {verdict["faults"]?.AsArray().Count} are shown.");
    }

    private static string?[] Cells(JsonNode? record) =>
    [
        record?["seq"]?.ToString(), record?["at"]?.ToString(), record?["decision"]?.ToString(), record?["method"]?.ToString(), record?["tool"]?.ToString(), record?["tenant"]?.ToString(),
        record?["caller"]?.ToString(), record?["jobId"]?.ToString() ?? record?["subject"]?.ToString(), record?["rule"]?.ToString() ?? record?["kind"]?.ToString(), record?["address"]?.ToString(),
    ];
}
