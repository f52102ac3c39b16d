using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Cli.Admin;
using Gateway.Cli.Settings;
using Gateway.Cli.Terminal;

namespace Gateway.Cli.Doctor;

/// <summary><c>gateway doctor</c>: what is wrong here, and what to do. Works without a running gateway, and asks one that runs.</summary>
internal static class DoctorCommand
{
    /// <summary>An outbox whose oldest message is due for so long does not flow.</summary>
    private const double LateSeconds = 60;

    // So many are looked at in a second; all may take minutes.
    private const int NewestRecords = 10_000;

    /// <summary>The command.</summary>
    /// <param name="options">The data folder, and how to print.</param>
    /// <param name="searchPath">Where programs are looked for.</param>
    /// <param name="settings">What can be said of settings.</param>
    public static Command Create(AdminOptions options, IReadOnlyList<string> searchPath, HouseSettings settings)
    {
        var command = options.On(new Command("doctor", $"Say what is wrong with a gateway and what to do. {ExitCodes.Words}"));
        var given = new SettingsArgument();
        var worker = ConfigCommand.WorkerOption();
        given.On(command).Add(worker);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = options.FolderOf(parsed);
            var asked = given.Of(parsed, options.GivenFolderOf(parsed));
            List<Finding> findings = [.. new HouseInspection(folder, searchPath).Look(), .. Of(settings.FaultsOf(parsed.GetValue(worker), asked), settings.CredentialsOf(asked)), .. OfMcpServers(settings.McpServersOf(asked)), .. settings.ReportOf(parsed.GetValue(worker), asked).Warnings.Select(warning => Finding.Note("settings", warning))];
            var told = await AskAsync(folder, cancellationToken);
            findings.AddRange(told.Findings);
            findings.AddRange((told.Answers, parsed.GetValue(worker)) switch
            {
                (true, _) => OfPolicies(told.Policies, inForce: true),
                (_, true) => [],
                _ => OfPolicies(settings.PoliciesOf(asked), inForce: false),
            });
            var record = new JsonObject
            {
                ["findings"] = new JsonArray([.. findings.Select(f => new JsonObject { ["what"] = f.What, ["verdict"] = f.Verdict, ["text"] = f.Text })]),
            };
            options.ScreenOf(parsed).Show(record, ["WHAT", "VERDICT", ""], findings.Select(f => (string?[])[f.What, f.Verdict, f.Text]));
            return findings.Exists(f => f.Verdict == "fault") ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What is wrong with settings and credentials. What a credential is, is nobody's to see.</summary>
    public static IEnumerable<Finding> Of(IReadOnlyList<string> faults, IReadOnlyList<(string Name, string Kind, string? Fault)> credentials) =>
    [
        .. faults.Count == 0 ? [Finding.Ok("settings", "They are right, as far as they can be seen from here.")] : faults.Select(fault => Finding.Fault("settings", fault)),
        .. credentials.Select(one => one.Fault is null
            ? Finding.Ok($"credential {one.Name}", one.Kind == "login" ? "The CLI's own login is used." : $"{one.Kind}: it can be read, and by its owner alone.")
            : Finding.Fault($"credential {one.Name}", $"Credential '{one.Name}' {one.Fault}")),
    ];

    /// <summary>Whether the MCP servers of runs can be reached from this machine, as far as that is seen without a start.</summary>
    public static IEnumerable<Finding> OfMcpServers(IReadOnlyList<(string Name, string? Fault)> servers) => servers.Select(one => one.Fault is null
        ? Finding.Ok($"MCP server {one.Name}", "What it needs is there. It is started with a run, and not before.")
        : Finding.Fault($"MCP server {one.Name}", $"The MCP server '{one.Name}' {one.Fault}"));

    /// <summary>What a running gateway or worker says of itself.</summary>
    public static IEnumerable<Finding> Of(JsonObject status)
    {
        var ours = status["worker"];
        yield return Finding.Ok(ours is null ? "gateway" : "worker", ours is null
            ? $"It runs, version {status["version"]}, on {status["backend"]}."
            : $"It runs, version {status["version"]}, as {ours["name"]} of the pool {ours["pool"]}; {ours["running"]} of {ours["slots"]} slots are taken.");
        foreach (var check in status["health"]?["checks"]?.AsArray() ?? [])
        {
            yield return check?["status"]?.ToString() == "ok" ? Finding.Ok($"{check["name"]}", "It is well.") : Finding.Fault($"{check?["name"]}", $"{check?["reason"]}");
        }

        if (ours is not null)
        {
            yield break;
        }

        var workers = status["workers"]?.AsArray().Count ?? 0;
        yield return workers > 0
            ? Finding.Ok("workers", $"{workers} with {status["slots"]} slots; {status["running"]} jobs run, {status["queued"]} wait.")
            : Finding.Fault("workers", "None was ever heard of: jobs wait. Start one.");
        foreach (var cli in status["clis"]?.AsArray() ?? [])
        {
            yield return OfCli(cli);
        }

        var outbox = status["outbox"];
        var late = outbox?["oldestDueSeconds"]?.GetValue<double>() ?? 0;
        yield return late < LateSeconds
            ? Finding.Ok("outbox", $"{outbox?["pending"]} messages are under way.")
            : Finding.Fault("outbox", $"{outbox?["pending"]} messages wait, the oldest for {late:0} s. Look at the broker and the log.");
        yield return outbox?["dead"]?.GetValue<long>() is null or 0
            ? Finding.Ok("dead letters", "None.")
            : Finding.Fault("dead letters", $"{outbox["dead"]} messages could not be taken. See gateway dlq list.");
        if (status["audit"] is { } audit)
        {
            yield return OfSeals(audit);
        }

        foreach (var finding in OfLimits(status))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> OfLimits(JsonObject status)
    {
        if (status["parked"] is JsonArray parked)
        {
            yield return parked.Count == 0
                ? Finding.Ok("usage limits", "No credential has reached one.")
                : Finding.Note("usage limits", string.Join(' ', parked.Select(one => $"Credential '{one?["credential"]}' of {one?["cli"]} rests until {one?["until"]}.")));
        }

        if (status["runLimits"] is JsonObject limits)
        {
            yield return limits.Count == 0
                ? Finding.Note("run limits", "None: a run may take the whole machine. See the settings RunLimits.")
                : Finding.Ok("run limits", $"A run may take {string.Join(", ", limits.Select(limit => $"{limit.Key} {limit.Value}"))}.");
        }
    }

    /// <summary>What a look at the newest records of the audit log found.</summary>
    public static Finding OfVerdict(JsonObject verdict) => verdict["faultCount"]?.GetValue<long>() is null or 0
        ? Finding.Ok("audit chain", $"The newest {verdict["records"]} sealed records are whole; gateway audit verify looks at all.")
        : Finding.Fault("audit chain", $"{verdict["faults"]?[0]?["text"]} {verdict["faultCount"]} faults in the newest {verdict["records"]} records: see gateway audit verify.");

    // A CLI that nobody installed is no fault: jobs of the others run.
    private static Finding OfCli(JsonNode? cli)
    {
        var what = $"{cli?["cli"]} of the workers";
        if (cli?["version"] is null)
        {
            return Finding.Note(what, $"{cli?["error"]}");
        }

        if (cli["missingFlags"]?.AsArray() is { Count: > 0 } flags)
        {
            return Finding.Fault(what, $"Version {cli["version"]} does not name in its help what runs are started with: {string.Join(' ', flags.Select(flag => flag?.ToString()))}. Install {cli["testedVersion"]}.");
        }

        return cli["loginStatus"]?.ToString() == "missing"
            ? Finding.Note(what, $"Version {cli["version"]}. {cli["loginGuidance"]}")
            : cli["drift"]?.ToString() == "none"
                ? Finding.Ok(what, $"Version {cli["version"]}, as tested.")
                : Finding.Note(what, $"Version {cli["version"]}; this gateway was tested with {cli["testedVersion"]}.");
    }

    private static Finding OfSeals(JsonNode audit)
    {
        var late = audit["oldestWaitingSeconds"]?.GetValue<double>() ?? 0;
        return audit["fault"] is { } fault ? Finding.Fault("audit log", $"It is not sealed: {fault}")
            : late < LateSeconds ? Finding.Ok("audit log", $"{audit["sealed"]} records are sealed, {audit["waiting"]} wait.")
            : Finding.Fault("audit log", $"{audit["waiting"]} records wait for their seal, the oldest for {late:0} s. Look at the log of every gateway on this database.");
    }

    /// <summary>What is so with policies: of a running gateway those in force, else those that a start would load.</summary>
    /// <param name="policies">The gateway's record of them; null for none.</param>
    /// <param name="inForce">A gateway runs by them.</param>
    public static IEnumerable<Finding> OfPolicies(JsonObject? policies, bool inForce) =>
    [
        .. Members(policies, "policies").Select(one => Finding.Ok($"policy {one?["name"]}", $"{(inForce ? "In force" : "A start would load it")}: {one?["hash"]}, {policies?["kind"]}.")),
        .. Members(policies, "warnings").Index().Select(one => Finding.Note($"policy warning {one.Index + 1}", $"{one.Item?["code"]} {one.Item?["file"]} {one.Item?["pointer"]} {one.Item?["message"]}")),
        .. Members(policies, "faults").Index().Select(one => Finding.Fault($"policy fault {one.Index + 1}", $"{one.Item}{(inForce ? " What was in force before stays so." : " No gateway starts with it.")}")),
    ];

    private static JsonArray Members(JsonObject? record, string name) => record?[name] as JsonArray ?? [];

    private static async Task<(bool Answers, IEnumerable<Finding> Findings, JsonObject? Policies)> AskAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new AdminClient(folder);
            var status = await client.GetAsync("status", cancellationToken);
            IEnumerable<Finding> findings = status["audit"] is null ? Of(status) : [.. Of(status), OfVerdict(await client.GetAsync($"audit/verify?newest={NewestRecords}", cancellationToken))];
            return (true, findings, status["worker"] is null ? await client.GetAsync("policy", cancellationToken) : null);
        }
        catch (HttpRequestException)
        {
            return (false, [Finding.Note("gateway", "None runs on this data folder, or you are not its user.")], null);
        }
        catch (AdminRefusedException refusal)
        {
            return (true, [Finding.Fault("gateway", refusal.Message)], null);
        }
    }
}
