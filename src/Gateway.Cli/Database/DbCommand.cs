using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Settings;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Database;

/// <summary>Looks at the database that the arguments of a gateway name, and when told so brings it to the newest schema.</summary>
internal delegate Task<SchemaAnswer> AskDatabase(string[] settings, bool migrate, CancellationToken cancellationToken);

/// <summary><c>gateway db</c>: the schema of the database, with no gateway running.</summary>
internal static class DbCommand
{
    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options, AskDatabase ask)
    {
        var command = options.On(new Command("db", $"Look at the schema of a gateway's database, or bring it to the newest. An embedded database is left alone while a gateway has it. {ExitCodes.Words}"));
        command.Add(One(options, ask, "status", "List the migrations that the database has and lacks. Exit code 1 when it lacks some, or a newer program has made others.", migrate: false));
        command.Add(One(options, ask, "migrate", "Apply what is pending, as a start would. The account needs the right to make tables; a running gateway's does not.", migrate: true));
        return command;
    }

    private static Command One(AdminOptions options, AskDatabase ask, string name, string what, bool migrate)
    {
        var given = new SettingsArgument();
        var command = given.On(new Command(name, what));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var found = await ask(given.Of(parsed, options.GivenFolderOf(parsed)), migrate, cancellationToken);
            if (found.Refused is { } refused)
            {
                await Outlet.ErrorAsync(refused);
                return ExitCodes.Refused;
            }

            Show(options.ScreenOf(parsed), found, migrate);
            return await CodeOfAsync(found, migrate);
        });
        return command;
    }

    private static void Show(Screen screen, SchemaAnswer found, bool migrate)
    {
        var done = migrate && found is { Fault: null, Newer.Count: 0 };
        var record = new JsonObject
        {
            ["provider"] = found.Provider,
            ["reachable"] = found.Fault is null,
            ["fault"] = found.Fault,
            ["applied"] = Names(done ? [.. found.Applied, .. found.Pending] : found.Applied),
            ["pending"] = Names(done ? [] : found.Pending),
            ["newer"] = Names(found.Newer),
            ["migrated"] = Names(done ? found.Pending : []),
        };
        screen.Show(record, ["MIGRATION", "STATE"],
        [
            .. found.Applied.Except(found.Newer).Select(one => (string?[])[one, "applied"]),
            .. found.Newer.Select(one => (string?[])[one, "of a newer program"]),
            .. found.Pending.Select(one => (string?[])[one, done ? "applied now" : "pending"]),
        ]);
    }

    private static async Task<int> CodeOfAsync(SchemaAnswer found, bool migrate)
    {
        var (text, code) = found switch
        {
            { Fault: { } fault } => ($"The database ({found.Provider}) cannot be used: {fault}", ExitCodes.Unreachable),
            { Newer.Count: > 0 } when migrate => ("A newer program has made this schema: nothing was done. Use that program, or restore a backup from before.", ExitCodes.Refused),
            { Newer.Count: > 0 } => ("A newer program has made this schema: use that one.", ExitCodes.Failed),
            { Pending.Count: 0 } => ("The schema is the newest that this program knows.", ExitCodes.Done),
            _ when migrate => ($"The schema is the newest now: {found.Pending.Count} applied.", ExitCodes.Done),
            _ => ($"{found.Pending.Count} pending: the next start applies them, or gateway db migrate.", ExitCodes.Failed),
        };
        await Outlet.ErrorAsync(text);
        return code;
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(name => JsonValue.Create(name))];
}
