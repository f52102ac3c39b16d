using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Calls that wait for a person, in a gateway that is killed and whose rules are edited meanwhile.</summary>
public sealed class ApprovalSpecs : GatewayHouse
{
    private const string ByJob = """{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"reason":"a person has to agree"},"limits":[{"counter":"starts","window":"day","max":100}]}}}""";
    private const string ByRepeat = """{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"mode":"repeat"},"limits":[{"counter":"starts","window":"day","max":100}]}}}""";
    private const string AllowsAll = """{"version":"1","default":"allow"}""";
    private readonly List<McpCaller> _callers = [];

    private string Log => At("log");

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _callers.ForEach(caller => caller.Dispose());
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Requests_and_consent_outlive_a_kill_and_each_decision_runs_its_job_once()
    {
        var gateway = await StartWithPoliciesAsync(("local", ByJob), ("rep", ByRepeat), ("carol", AllowsAll));
        var (rep, carol) = (await CallerAsync(gateway, "rep", "jobs:run,jobs:read"), await CallerAsync(gateway, "carol", "jobs:read,approvals:decide"));
        var approved = await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer approved]]");
        var rejected = await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer rejected]]");
        var cut = await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer cut]]");
        var pendingRepeat = ApprovalOf(await RepeatAsync(rep, "pending"));
        var consented = ApprovalOf(await RepeatAsync(rep, "consented"));
        _ = (await DecideAsync(carol, consented, "approve")).Good;
        var counted = gateway.Store.Counters();

        await gateway.KillAsync();
        await gateway.StartAsync();

        Assert.Equal(["approved", "pending", "pending", "pending", "pending"], (await ApprovalsAsync(carol)).Select(approval => approval.GetProperty("status").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(counted, gateway.Store.Counters());
        Assert.False(File.Exists(Log), "a run began before its consent");
        Assert.Equal("awaiting_approval", (await gateway.Client.StatusAsync(approved.Job)).Status);
        Assert.Equal(pendingRepeat, ApprovalOf(await RepeatAsync(rep, "pending")));

        var passed = (await RepeatAsync(rep, "consented")).Good.GetProperty("jobId").GetString()!;
        Assert.NotEqual(consented, ApprovalOf(await RepeatAsync(rep, "consented")));
        _ = (await DecideAsync(carol, approved.Approval, "approve")).Good;
        _ = (await DecideAsync(carol, rejected.Approval, "reject")).Good;
        // Committed, and the process is gone before anything else is done for it.
        _ = (await DecideAsync(carol, cut.Approval, "approve")).Good;
        await gateway.KillAsync();
        await gateway.StartAsync();

        Assert.Equal("completed", (await gateway.Client.EndAsync(approved.Job)).Status);
        Assert.Equal("completed", (await gateway.Client.EndAsync(cut.Job)).Status);
        Assert.Equal("completed", (await rep.EndAsync(passed)).Status);
        var no = await gateway.Client.EndAsync(rejected.Job);
        Assert.Equal(("failed", "approval_rejected"), (no.Status, no.FailureKind));
        Assert.Equal("conflict", (await DecideAsync(carol, approved.Approval, "approve")).ErrorKind);
        Assert.Equal("conflict", (await DecideAsync(carol, cut.Approval, "reject")).ErrorKind);
        Guid[] ran = [PublicId.Read(approved.Job), PublicId.Read(cut.Job), PublicId.Read(passed)];
        Assert.Equal(ran.Order(), AgentLog.Read(Log).Select(run => run.JobId).Order());
        Assert.Equal(4, gateway.Store.Counters().Sum(counter => counter.Used));
        await new Checker(gateway.Store, ran).CheckAsync(AgentLog.Read(Log));
    }

    [Fact]
    public async Task A_rule_that_is_edited_between_request_and_decision_voids_consent()
    {
        var gateway = await StartWithPoliciesAsync(("local", ByJob), ("carol", AllowsAll));
        var carol = await CallerAsync(gateway, "carol", "jobs:read,approvals:decide");
        var asked = await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer asked]]");
        var untouched = await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer untouched]]");

        // Another tool's rule: what was asked stays asked.
        await EditAsync(gateway, ByJob.Replace("\"tools\":{", "\"tools\":{\"llm_job_list\":{},", StringComparison.Ordinal));
        Assert.Equal("approved", (await DecideAsync(carol, untouched.Approval, "approve")).Good.GetProperty("approval").GetProperty("status").GetString());
        Assert.Equal("completed", (await gateway.Client.EndAsync(untouched.Job)).Status);

        // It asks otherwise: asked anew, and the new consent counts.
        await EditAsync(gateway, ByJob.Replace("has to agree", "has to agree twice", StringComparison.Ordinal));
        var closed = await DecideAsync(carol, asked.Approval, "approve");
        Assert.Equal("conflict", closed.ErrorKind);
        Assert.Contains("a new request has taken its place", closed.Text, StringComparison.Ordinal);
        var anew = "";
        await Wait.UntilAsync(async () => (anew = await ApprovalOfJobAsync(gateway.Client, asked.Job)) != asked.Approval, "it is asked anew");
        Assert.Equal("awaiting_approval", (await gateway.Client.StatusAsync(asked.Job)).Status);

        // It refuses.
        var refused = await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer refused]]");
        var queued = await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer queued]]");
        _ = (await DecideAsync(carol, anew, "approve")).Good;
        Assert.Equal("completed", (await gateway.Client.EndAsync(asked.Job)).Status);
        await EditAsync(gateway, """{"version":"1","default":"allow","tools":{"claude_request_async":{"action":"deny","reason":"no more starts"}}}""");
        Assert.Equal("conflict", (await DecideAsync(carol, refused.Approval, "approve")).ErrorKind);
        var failed = await gateway.Client.EndAsync(refused.Job);
        Assert.Equal(("failed", "policy_denied", "no more starts"), (failed.Status, failed.FailureKind, failed.FailureMessage));

        // It asks nobody.
        await EditAsync(gateway, AllowsAll);
        Assert.Equal("conflict", (await DecideAsync(carol, queued.Approval, "approve")).ErrorKind);
        Assert.Equal("completed", (await gateway.Client.EndAsync(queued.Job)).Status);
        Guid[] ran = [PublicId.Read(untouched.Job), PublicId.Read(asked.Job), PublicId.Read(queued.Job)];
        Assert.Equal(ran.Order(), AgentLog.Read(Log).Select(run => run.JobId).Order());
    }

    [Fact]
    public async Task An_operator_lists_shows_and_decides_and_is_told_what_was_decided_already()
    {
        var gateway = await StartWithPoliciesAsync(("local", ByJob));
        var (yes, no) = (await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer yes]] \u001b[31mred"), await HeldAsync(gateway.Client, $"[[fake: log {Log}; answer no]]"));
        var ended = await HeldAsync(gateway.Client, "[[fake: answer first]]");

        var list = await AskAsync(gateway, "list");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains(yes.Approval, list.Output, StringComparison.Ordinal);
        Assert.Contains("a person has to agree", list.Output, StringComparison.Ordinal);
        var show = await AskAsync(gateway, "show", yes.Approval);
        Assert.Contains("answer yes", show.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", show.Output, StringComparison.Ordinal);
        var record = JsonElement.Parse((await AskAsync(gateway, "show", yes.Approval, "--json")).Output);
        Assert.Equal(("local", "default", "pending", yes.Job), (Text(record, "owner"), Text(record, "tenant"), Text(record, "status"), Text(record, "jobId")));

        var approve = await AskAsync(gateway, "approve", yes.Approval, "--json", "--comment", "go on");
        Assert.Equal(0, approve.ExitCode);
        var decided = JsonElement.Parse(approve.Output);
        Assert.Equal(("approved", "go on"), (Text(decided, "status"), Text(decided, "comment")));
        Assert.Matches("^operator:[0-9]+$", Text(decided, "decidedBy"));
        Assert.Equal("completed", (await gateway.Client.EndAsync(yes.Job)).Status);
        Assert.Equal(0, (await AskAsync(gateway, "reject", no.Approval, "--comment", "not on a Friday")).ExitCode);
        var failed = await gateway.Client.EndAsync(no.Job);
        Assert.Equal(("failed", "approval_rejected", "not on a Friday"), (failed.Status, failed.FailureKind, failed.FailureMessage));

        var again = await AskAsync(gateway, "approve", no.Approval);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("was rejected at", again.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await AskAsync(gateway, "show", "apr_aaaaaaaaaaaaaaaaaaaaaaaaaa")).ExitCode);
        Assert.Equal(2, (await AskAsync(gateway, "list", "--status", "open")).ExitCode);
        Assert.Equal(2, (await AskAsync(gateway, "approve", ended.Approval, "--comment", new string('x', 501))).ExitCode);
        var pending = JsonElement.Parse((await AskAsync(gateway, "list", "--status", "pending", "--tenant", "default", "--cli", "claude", "--json")).Output).GetProperty("approvals");
        Assert.Equal(ended.Approval, Text(Assert.Single(pending.EnumerateArray()), "id"));
        Assert.Contains($"POST /admin/approvals/{yes.Approval}/approve; the answer was 200", gateway.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("go on", gateway.Log, StringComparison.Ordinal);

        // Nor does an operator's repeat of a job pass without a yes.
        var retried = JsonElement.Parse((await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["jobs", "retry", yes.Job, "--json", "--data-folder", gateway.Data])).Output);
        Assert.Equal(("awaiting_approval", yes.Job), (Text(retried, "status"), Text(retried, "retryOf")));
        Assert.Single(AgentLog.Read(Log));
        await gateway.KillAsync();
        Assert.Equal(3, (await AskAsync(gateway, "list")).ExitCode);
    }

    private async Task<GatewayProcess> StartWithPoliciesAsync(params (string Label, string Policy)[] policies)
    {
        foreach (var (label, policy) in policies)
        {
            Directory.CreateDirectory(At("policies"));
            await File.WriteAllTextAsync(Path.Combine(At("policies"), $"{label}.json"), policy, Token);
        }

        return await StartAsync(("Policies:Folder", At("policies")), ("Policies:LookInterval", "00:00:00.1"));
    }

    private async Task EditAsync(GatewayProcess gateway, string policy)
    {
        var before = Loads(gateway);
        await File.WriteAllTextAsync(Path.Combine(At("policies"), "local.json"), policy, Token);
        await Wait.UntilAsync(() => Loads(gateway) > before, "the edit is in force");
    }

    private static int Loads(GatewayProcess gateway) => gateway.Log.Split("policies are in force").Length;

    private async Task<McpCaller> CallerAsync(GatewayProcess gateway, string label, string scopes)
    {
        var made = await GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["keys", "create", "--label", label, "--tenant", "default", "--scopes", scopes, "--json", "--data-folder", gateway.Data]);
        var key = Text(JsonElement.Parse(made.Output), "key")!;
        var caller = new McpCaller(() => gateway.Url, () => key);
        _callers.Add(caller);
        return caller;
    }

    private static async Task<(string Job, string Approval)> HeldAsync(McpCaller caller, string prompt)
    {
        var record = (await caller.CallAsync("claude_request_async", new { prompt })).Good;
        Assert.Equal("awaiting_approval", Text(record.GetProperty("job"), "status"));
        return (Text(record, "jobId")!, Text(record.GetProperty("approval"), "id")!);
    }

    private Task<Reply> RepeatAsync(McpCaller caller, string answer) => caller.CallAsync("claude_request_async", new { prompt = $"[[fake: log {Log}; answer {answer}]]" });

    private static string ApprovalOf(Reply reply)
    {
        Assert.Equal("approval_required", reply.ErrorKind);
        return Text(reply.Error, "approvalId")!;
    }

    private static async Task<string> ApprovalOfJobAsync(McpCaller caller, string jobId) =>
        Text((await caller.CallAsync("llm_job_status", new { jobId })).Good.GetProperty("approval"), "id")!;

    private static Task<Reply> DecideAsync(McpCaller caller, string approvalId, string decision) => caller.CallAsync("approval_decide", new { approvalId, decision });

    private static async Task<IReadOnlyList<JsonElement>> ApprovalsAsync(McpCaller caller) =>
        [.. (await caller.CallAsync("approval_list", new { })).Good.GetProperty("approvals").EnumerateArray()];

    private static Task<(int ExitCode, string Output)> AskAsync(GatewayProcess gateway, params string[] arguments) =>
        GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["approvals", .. arguments, "--data-folder", gateway.Data]);

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();
}
