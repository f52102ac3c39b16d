using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Approvals;

/// <summary><c>gateway approvals</c>: the calls that wait for a person, of all tenants.</summary>
internal static class ApprovalsCommand
{
    private static readonly string[] Columns = ["ID", "STATUS", "TENANT", "OWNER", "TOOL", "MODE", "EXPIRES", "JOB", "REASON"];

    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options)
    {
        var command = options.On(new Command("approvals", $"Look at the calls about which a policy has a person asked, and say yes or no to them. {ExitCodes.Words}"));
        command.Add(List(options));
        command.Add(Show(options));
        command.Add(Decide(options, "approve", "Say yes: a waiting job goes to the queue, a call by repeat passes once."));
        command.Add(Decide(options, "reject", "Say no: a waiting job fails, and its owner reads the comment."));
        return command;
    }

    private static Command List(AdminOptions options)
    {
        var status = new Option<string?>("--status") { Description = "Only this state: pending, approved, rejected, expired or void." };
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant." };
        var cli = new Option<string?>("--cli") { Description = "Only calls for this CLI, such as claude." };
        var limit = new Option<int>("--limit") { Description = "At most so many, 1 to 500; default 50.", DefaultValueFactory = _ => 50 };
        var command = new Command("list", "List them, newest first.") { status, tenant, cli, limit };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            var query = $"approvals?limit={parsed.GetValue(limit)}&status={Escaped(parsed.GetValue(status))}&tenant={Escaped(parsed.GetValue(tenant))}&cli={Escaped(parsed.GetValue(cli))}";
            var answer = await client.GetAsync(query, cancellationToken);
            screen.Show(answer, Columns, (answer["approvals"]?.AsArray() ?? []).Select(Cells));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(AdminOptions options)
    {
        var id = Id();
        var command = new Command("show", "Show one: the rule, the beginning of the prompt, and how it was decided.") { id };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            screen.Show(await client.GetAsync($"approvals/{Escaped(parsed.GetValue(id))}", cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Decide(AdminOptions options, string name, string what)
    {
        var id = Id();
        var comment = new Option<string?>("--comment") { Description = "What is kept with the decision, at most 500 characters." };
        var command = new Command(name, what) { id, comment };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            screen.Show(await client.PostAsync($"approvals/{Escaped(parsed.GetValue(id))}/{name}?comment={Escaped(parsed.GetValue(comment))}", cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Argument<string> Id() => new("id") { Description = "Its id, apr_…, from gateway approvals list." };

    private static string?[] Cells(JsonNode? approval) =>
    [
        approval?["id"]?.ToString(), approval?["status"]?.ToString(), approval?["tenant"]?.ToString(), approval?["owner"]?.ToString(), approval?["operation"]?.ToString(),
        approval?["mode"]?.ToString(), approval?["expiresAt"]?.ToString(), approval?["jobId"]?.ToString(), approval?["reason"]?.ToString(),
    ];

    private static string Escaped(string? text) => Uri.EscapeDataString(text ?? "");
}
