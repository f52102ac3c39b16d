using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>The audit log of a real gateway, with the <c>gateway</c> tool.</summary>
public sealed class AuditSpecs : GatewayHouse
{
    private const string Canary = "cAnArY-4711";
    private const int Kills = 3;
    private const int Clients = 4;
    private const int JobsPerRound = 25;

    [Fact]
    public async Task A_gateway_killed_in_the_middle_of_submits_has_one_record_for_every_job_and_a_whole_chain()
    {
        var gateway = await StartAsync();
        for (var kill = 0; kill < Kills; kill++)
        {
            var enough = gateway.Store.Count("Jobs") + JobsPerRound;
            var clients = Enumerable.Range(0, Clients).Select(_ => SubmitUntilKilledAsync(gateway)).ToList();
            await Wait.UntilAsync(() => gateway.Store.Count("Jobs") >= enough, "jobs are submitted");
            await gateway.KillAsync();
            await Task.WhenAll(clients);
            await gateway.StartAsync();
        }

        await Wait.UntilAsync(() => gateway.Store.Jobs().All(job => job.State == "Completed"), "all jobs have run");
        var jobs = gateway.Store.Jobs().Select(job => job.Id).Order().ToList();
        Assert.True(jobs.Count >= Kills * JobsPerRound);
        Assert.Equal(jobs, gateway.Store.Audit().Where(record => record is { Method: "tools/call", Decision: "allowed", JobId: not null }).Select(record => record.JobId ?? Guid.Empty).Order());
        await UntilSealedAsync(gateway);
        Assert.Equal((0, 0, gateway.Store.Count("Audit")), await VerifyAsync(gateway));
        Assert.Equal("ok", (await DoctorAsync(gateway))["audit chain"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(gateway.Data, "audit-key")));

        // What a gateway did not write is found by the next look, of a gateway that was not there.
        await gateway.StopAsync();
        await ChangeAsync(gateway, "UPDATE \"Audit\" SET \"Record\" = replace(\"Record\", '\"allowed\"', '\"denied\"') WHERE \"AuditId\" = 5");
        await gateway.StartAsync();
        var (code, faults, _) = await VerifyAsync(gateway);
        Assert.Equal((1, 1), (code, faults));
        Assert.Equal("fault", (await DoctorAsync(gateway))["audit chain"]);
        await gateway.StopAsync();
        await ChangeAsync(gateway, "DELETE FROM \"AuditSeals\"; DELETE FROM \"Audit\"; DELETE FROM \"AuditAnchors\"");
        await gateway.StartAsync();
        Assert.Equal(1, (await VerifyAsync(gateway)).ExitCode);
        await Wait.UntilAsync(async () => (await DoctorAsync(gateway))["audit log"] == "fault", "the sealer has seen it");
    }

    [Fact]
    public async Task What_callers_and_operators_do_is_listed_filtered_and_exported_without_any_value()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.SubmitAsync($"[[fake: hang]] {Canary}");
        var other = await gateway.Client.RunAsync("[[fake: answer hello]]");
        await gateway.Client.CallAsync("llm_job_status", new { jobId = "job_aaaaaaaaaaaaaaaaaaaaaaaaaa" });
        await gateway.Client.CallAsync("llm_job_list", new Dictionary<string, string> { [Canary] = Canary });
        await AskAsync(gateway, "jobs", "cancel", job.Id);
        await AskAsync(gateway, "jobs", "retry", other.Id);
        var made = JsonElement.Parse((await AskAsync(gateway, "keys", "create", "--label", "ci", "--tenant", "acme", "--json")).Output);
        await AskAsync(gateway, "keys", "revoke", made.GetProperty("id").GetString()!);
        await UntilSealedAsync(gateway);

        var all = await ListAsync(gateway, "--limit", "100");
        Assert.Equal(
            ["policy/loaded", "tools/call", "tools/call", "tools/call", "tools/call", "job/cancel", "tools/call", "tools/call", "key/created", "key/revoked"],
            all.Select(record => record.GetProperty("method").GetString()).Reverse());
        Assert.Equal(Enumerable.Range(1, all.Count), all.Select(record => record.GetProperty("seq").GetInt32()).Reverse());
        var operators = "operator:" + UserId();
        Assert.Equal(["key/revoked", "key/created", "tools/call", "tools/call", "job/cancel"], (await ListAsync(gateway, "--caller", operators)).Select(record => record.GetProperty("method").GetString()));
        Assert.Equal(["job/cancel", "tools/call"], (await ListAsync(gateway, "--job", job.Id)).Select(record => record.GetProperty("method").GetString()));
        Assert.Equal(["invalid_input", "not_found"], (await ListAsync(gateway, "--decision", "denied")).Select(record => record.GetProperty("kind").GetString()));
        var call = Assert.Single(await ListAsync(gateway, "--job", job.Id, "--tool", "claude_request_async"));
        Assert.Equal(("127.0.0.1", "local", "default"), (call.GetProperty("address").GetString(), call.GetProperty("caller").GetString(), call.GetProperty("tenant").GetString()));
        Assert.Equal(["policy", "policyHash", "argsHash", "durationMs", "traceId", "requestId"], ((string[])["policy", "policyHash", "argsHash", "durationMs", "traceId", "requestId"]).Where(name => call.TryGetProperty(name, out _)));
        Assert.Empty(await ListAsync(gateway, "--since", "2100-01-01T00:00:00Z"));
        Assert.Equal(2, (await AskAsync(gateway, "audit", "list", "--decision", "perhaps")).ExitCode);

        var (code, lines) = await AskAsync(gateway, "audit", "export");
        var sheet = await AskAsync(gateway, "audit", "export", "--format", "csv", "--output", At("audit.csv"));
        Assert.Equal((0, 0), (code, sheet.ExitCode));
        Assert.Equal(all.Count, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).Count());
        Assert.Equal(all.Count + 1, (await File.ReadAllLinesAsync(At("audit.csv"), Token)).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("audit.csv")));
        Assert.Equal(2, (await AskAsync(gateway, "audit", "export", "--output", At("audit.csv"))).ExitCode);
        Assert.DoesNotContain(Canary, lines + string.Concat(gateway.Store.Audit().Select(record => record.Record)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_whose_record_cannot_be_written_is_refused_and_nothing_starts_or_stops()
    {
        var gateway = await StartAsync();
        var running = await gateway.Client.SubmitAsync($"[[fake: log {At("log")}; hang]]");
        await Wait.LinesAsync(At("log"), 1);
        await ChangeAsync(gateway, "CREATE TRIGGER \"NoAudit\" BEFORE INSERT ON \"Audit\" BEGIN SELECT RAISE(ABORT, 'no'); END");
        // Not all rows: the start of the run is still being told.
        var rows = (gateway.Store.Count("Jobs"), gateway.Store.Count("Audit"));

        var submit = await gateway.Client.CallAsync("claude_request_async", new { prompt = $"[[fake: log {At("log")}]]" });
        var cancel = await gateway.Client.CallAsync("llm_job_cancel", new { jobId = running.Id });
        var unknown = await gateway.Client.CallAsync("llm_job_status", new { jobId = "job_aaaaaaaaaaaaaaaaaaaaaaaaaa" });
        var byOperator = await AskAsync(gateway, "jobs", "cancel", running.Id);

        Assert.All([submit, cancel, unknown], reply => Assert.Equal("policy_unavailable", reply.ErrorKind));
        Assert.NotEqual(0, byOperator.ExitCode);
        Assert.Equal("running", (await gateway.Client.StatusAsync(running.Id)).Status);
        Assert.Equal(rows, (gateway.Store.Count("Jobs"), gateway.Store.Count("Audit")));
        Assert.Single(Wait.LinesOf(At("log")));

        await ChangeAsync(gateway, "DROP TRIGGER \"NoAudit\"");
        await gateway.Client.CallAsync("llm_job_cancel", new { jobId = running.Id });
        Assert.Equal("canceled", (await gateway.Client.EndAsync(running.Id)).Status);
    }

    private static async Task SubmitUntilKilledAsync(GatewayProcess gateway)
    {
        try
        {
            while (true)
            {
                await gateway.Client.SubmitAsync("[[fake: answer done]]");
            }
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            // The kill.
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(GatewayProcess gateway, params string[] filter)
    {
        var (code, output) = await AskAsync(gateway, ["audit", "list", "--json", .. filter]);
        Assert.Equal(0, code);
        return [.. JsonElement.Parse(output).GetProperty("records").EnumerateArray()];
    }

    private static async Task<(int ExitCode, long Faults, long Records)> VerifyAsync(GatewayProcess gateway)
    {
        var (code, output) = await AskAsync(gateway, "audit", "verify", "--json");
        var verdict = JsonElement.Parse(output);
        return (code, verdict.GetProperty("faultCount").GetInt64(), verdict.GetProperty("records").GetInt64());
    }

    private static async Task<Dictionary<string, string>> DoctorAsync(GatewayProcess gateway)
    {
        var (_, output) = await AskAsync(gateway, "doctor", "--json");
        return JsonElement.Parse(output).GetProperty("findings").EnumerateArray().DistinctBy(f => f.GetProperty("what").GetString())
            .ToDictionary(f => f.GetProperty("what").GetString()!, f => f.GetProperty("verdict").GetString()!);
    }

    private static Task UntilSealedAsync(GatewayProcess gateway) => Wait.UntilAsync(
        () => gateway.Store.Count("AuditSeals") == gateway.Store.Count("Audit"), "all records are sealed");

    private static Task<(int ExitCode, string Output)> AskAsync(GatewayProcess gateway, params string[] arguments) =>
        GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, [.. arguments, "--data-folder", gateway.Data]);

    private static string UserId() => File.ReadAllLines("/proc/self/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    // As somebody who has the database, and nothing else of the gateway.
    private static async Task ChangeAsync(GatewayProcess gateway, string statement)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(gateway.Data, "gateway.db"), Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(Token);
    }
}
