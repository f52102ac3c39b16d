using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Keys;

/// <summary><c>gateway keys</c>: the keys of callers.</summary>
internal static class KeysCommand
{
    private static readonly string[] Columns = ["ID", "LABEL", "TENANT", "GRANT", "STATE", "BEGINS", "EXPIRES", "LAST USED", "SCOPES"];

    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options)
    {
        var command = options.On(new Command("keys", $"Make, list, revoke and replace the keys by which callers are known. {ExitCodes.Words}"));
        command.Add(List(options));
        command.Add(Create(options, "create"));
        command.Add(Revoke(options));
        command.Add(Rotate(options));
        return command;
    }

    private static Command List(AdminOptions options)
    {
        var command = new Command("list", "List them; of none more than its first characters.");
        options.Run(command, async (_, client, screen, cancellationToken) =>
        {
            var answer = await client.GetAsync("keys", cancellationToken);
            screen.Show(answer, Columns, (answer["keys"]?.AsArray() ?? []).Select(Cells));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Create(AdminOptions options, string name)
    {
        var label = new Option<string>("--label") { Description = "What the grants file matches; several keys may carry it.", Required = true };
        var tenant = new Option<string>("--tenant") { Description = "Whose key it is: that of the grant, or the key has none.", Required = true };
        var scopes = new Option<string>("--scopes") { Description = "What it may do, separated by commas; default: jobs:run,jobs:read,jobs:cancel,sessions:manage." };
        var expires = new Option<string>("--expires") { Description = "How long it lives, such as 90d or 12h; default: until it is revoked." };
        var command = new Command(name, "Make one. It is shown this once, and kept nowhere.") { label, tenant, scopes, expires };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            var query = Query(("label", parsed.GetValue(label)), ("tenant", parsed.GetValue(tenant)), ("scopes", parsed.GetValue(scopes)), ("expires", parsed.GetValue(expires)));
            return ShowOnce(screen, await client.PostAsync($"keys{query}", cancellationToken));
        });
        return command;
    }

    private static Command Revoke(AdminOptions options)
    {
        var id = Id();
        var command = new Command("revoke", "End one: within five seconds it opens nothing, anywhere.") { id };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            screen.Show(await client.PostAsync($"keys/{Uri.EscapeDataString(parsed.GetValue(id) ?? "")}/revoke", cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rotate(AdminOptions options)
    {
        var id = Id();
        var overlap = new Option<string>("--overlap") { Description = "How long the old one lives on at most; default: 24h, 0m for not at all." };
        var command = new Command("rotate", "Make another with the same label, tenant and scopes, and let this one end.") { id, overlap };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
            ShowOnce(screen, await client.PostAsync($"keys/{Uri.EscapeDataString(parsed.GetValue(id) ?? "")}/rotate{Query(("overlap", parsed.GetValue(overlap)))}", cancellationToken)));
        return command;
    }

    private static Argument<string> Id() => new("id") { Description = "Its id, from gateway keys list." };

    private static int ShowOnce(Screen screen, JsonObject made)
    {
        screen.Show(made);
        if (!screen.AsJson)
        {
            screen.Line("This key is shown once, and kept nowhere.");
            if (made["grant"] is null)
            {
                screen.Line($"No grant of the tenant {made["tenant"]} matches the label {made["label"]} yet: until one does, each call with this key is refused.");
            }
        }

        return ExitCodes.Done;
    }

    private static string Query(params (string Name, string? Value)[] given)
    {
        var parts = given.Where(one => one.Value is not null).Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value ?? "")}").ToArray();
        return parts.Length == 0 ? "" : $"?{string.Join('&', parts)}";
    }

    private static string?[] Cells(JsonNode? key) =>
    [
        key?["id"]?.ToString(), key?["label"]?.ToString(), key?["tenant"]?.ToString(), key?["grant"]?.ToString(), key?["state"]?.ToString(), key?["prefix"]?.ToString(),
        key?["expiresAt"]?.ToString(), key?["lastUsedAt"]?.ToString(), string.Join(' ', (key?["scopes"]?.AsArray() ?? []).Select(scope => scope?.ToString())),
    ];
}
