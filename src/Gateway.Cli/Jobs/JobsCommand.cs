using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Jobs;

/// <summary><c>gateway jobs</c>: the jobs of all tenants.</summary>
internal static class JobsCommand
{
    private static readonly string[] Columns = ["JOB", "STATUS", "OWNER", "CLI", "ATTEMPT", "CREATED", "WORKER", "FAILURE"];

    /// <summary>The command with its own commands.</summary>
    public static Command Create(AdminOptions options)
    {
        var id = new Argument<string>("job") { Description = "Id of the job, job_…" };
        var command = options.On(new Command("jobs", $"Look at jobs of all tenants, follow, stop and repeat them. {ExitCodes.Words}"));
        command.Add(List(options));
        command.Add(Act(options, id, "show", "Show a job.", async (client, path, cancellationToken) => await client.GetAsync(path, cancellationToken), ""));
        command.Add(Tail(options));
        command.Add(Act(options, id, "cancel", "Stop a job and everything that it started.", async (client, path, cancellationToken) => await client.PostAsync(path, cancellationToken), "/cancel"));
        command.Add(Act(options, id, "retry", "Run a finished job again, as a new one of its owner.", async (client, path, cancellationToken) => await client.PostAsync(path, cancellationToken), "/retry"));
        return command;
    }

    private static Command List(AdminOptions options)
    {
        var status = new Option<string?>("--status") { Description = "Only this status: queued, running, canceling, completed, failed or canceled." };
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant." };
        var limit = new Option<int>("--limit") { Description = "At most so many, 1 to 500; default 20.", DefaultValueFactory = _ => 20 };
        var command = new Command("list", "List jobs, newest first.") { status, tenant, limit };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            var query = $"jobs?limit={parsed.GetValue(limit)}&status={Escaped(parsed.GetValue(status))}&tenant={Escaped(parsed.GetValue(tenant))}";
            var answer = await client.GetAsync(query, cancellationToken);
            screen.Show(answer, Columns, (answer["jobs"]?.AsArray() ?? []).Select(RowOf));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Act(AdminOptions options, Argument<string> id, string name, string what, Func<AdminClient, string, CancellationToken, Task<JsonObject>> ask, string suffix)
    {
        var command = new Command(name, what) { id };
        options.Run(command, async (parsed, client, screen, cancellationToken) =>
        {
            screen.Show(await ask(client, $"jobs/{Escaped(parsed.GetValue(id))}{suffix}", cancellationToken));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Tail(AdminOptions options)
    {
        var id = new Argument<string>("job") { Description = "Id of the job, job_…" };
        var stream = new Option<string?>("--stream") { Description = "Print this stream of the newest attempt instead of the events: stdout, stderr, answer or transcript." };
        var command = new Command("tail", "Follow a job until it has ended.") { id, stream };
        options.Run(command, (parsed, client, screen, cancellationToken) =>
            new JobTail(client, screen, Escaped(parsed.GetValue(id))).FollowAsync(parsed.GetValue(stream), cancellationToken));
        return command;
    }

    private static string?[] RowOf(JsonNode? job) =>
    [
        job?["id"]?.ToString(), job?["status"]?.ToString(), job?["owner"]?.ToString(), job?["cli"]?.ToString(),
        $"{job?["attempt"]}/{job?["maxAttempts"]}", job?["createdAt"]?.ToString(), job?["worker"]?.ToString(), job?["failure"]?["kind"]?.ToString(),
    ];

    private static string Escaped(string? text) => Uri.EscapeDataString(text ?? "");
}
