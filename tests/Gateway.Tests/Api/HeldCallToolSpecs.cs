using System.Diagnostics.Metrics;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Policies.Grants;
using Gateway.Storage.Model;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Calls about which a rule has a person asked, from the tool's arguments to the rows of the real store.</summary>
public sealed class HeldCallToolSpecs : IDisposable
{
    private const string Starter = "claude_request_async";
    private const string Limited = "\"limits\":[{\"counter\":\"starts\",\"window\":\"day\",\"max\":100}]";
    private const string ByJob = $$$$$"""{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"reason":"a person has to agree"},{{{{{Limited}}}}}}}}""";
    private const string ByRepeat = $$$$$"""{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"reason":"a person has to agree","mode":"repeat"},{{{{{Limited}}}}}}}}""";
    private static readonly Decider Carol = Decider.Of(new Caller("acme", "carol"));
    private readonly TestFolder folder = new();
    private readonly Bench bench = new();

    public void Dispose()
    {
        bench.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_start_that_a_rule_asks_about_is_a_job_that_waits_and_its_owner_reads_for_what()
    {
        var held = new HeldCalls();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();

        var reply = (await CallAsync(jobs, ByJob, Starter, """{"prompt":"x"}""")).Succeeds();

        var (job, approval) = (reply.Record.GetProperty("job"), reply.Record.GetProperty("approval"));
        Assert.Equal(("awaiting_approval", "waiting"), (job.GetProperty("status").GetString(), job.GetProperty("progress").GetProperty("phase").GetString()));
        Assert.Equal(job.GetProperty("approvalId").GetString(), approval.GetProperty("id").GetString());
        Assert.Equal(["expiresAt", "id", "reason"], approval.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal));
        Assert.Equal("a person has to agree", approval.GetProperty("reason").GetString());
        Assert.Matches("T.*\\.[0-9]{3}Z$", approval.GetProperty("expiresAt").GetString());
        Assert.StartsWith($"Not finished: {job.GetProperty("id").GetString()} waits until a person approves it ({approval.GetProperty("id").GetString()})", reply.Text, StringComparison.Ordinal);
        Assert.InRange(held.Seen(), 1, int.MaxValue);
        held.Dispose();

        var id = $$"""{"jobId":"{{job.GetProperty("id").GetString()}}"}""";
        var status = (await CallAsync(jobs, ByJob, "llm_job_status", id)).Succeeds();
        Assert.Equal(approval.GetRawText(), status.Record.GetProperty("approval").GetRawText());
        var result = (await CallAsync(jobs, ByJob, "llm_job_result", id)).Succeeds();
        Assert.StartsWith("Not finished", result.Text, StringComparison.Ordinal);
        Assert.Equal("awaiting_approval", result.Record.GetProperty("result").GetProperty("status").GetString());
        var list = (await CallAsync(jobs, ByJob, "llm_job_list", """{"status":["awaiting_approval"]}""")).Succeeds();
        Assert.Equal(job.GetProperty("id").GetString(), Assert.Single(list.Record.GetProperty("jobs").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("conflict", (await CallAsync(jobs, ByJob, "llm_job_retry", id)).Kind);

        await DecideAsync(jobs, approval.GetProperty("id").GetString()!, approve: true);
        Assert.Equal(job.GetProperty("id").GetString(), JobIdText.Format((await jobs.NextCommandAsync()).JobId));
        var queued = (await CallAsync(jobs, ByJob, "llm_job_status", id)).Succeeds().Record;
        Assert.Equal("queued", queued.GetProperty("job").GetProperty("status").GetString());
        Assert.False(queued.TryGetProperty("approval", out _));
    }

    [Fact]
    public async Task The_owner_may_cancel_a_job_that_waits_which_closes_its_request_and_leaves_the_call_counted()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var reply = (await CallAsync(jobs, ByJob, Starter, """{"prompt":"x"}""")).Succeeds().Record;

        var canceled = (await CallAsync(jobs, ByJob, "llm_job_cancel", $$"""{"jobId":"{{reply.GetProperty("jobId").GetString()}}"}""")).Succeeds().Record;

        Assert.Equal("canceled", canceled.GetProperty("job").GetProperty("status").GetString());
        Assert.True(ApprovalIdText.TryParse(reply.GetProperty("approval").GetProperty("id").GetString(), out var id));
        var outcome = await jobs.Get<ApprovalDesk>().DecideAsync(Carol, id, approve: true, null, CancellationToken.None);
        Assert.Equal(ApprovalStatus.Void, Assert.IsType<DecisionOutcome.Closed>(outcome).Record.Status);
        Assert.Equal(1, await CountedAsync(jobs));
        Assert.False(jobs.Commands.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_no_is_the_failure_of_the_job_in_the_persons_words()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var reply = (await CallAsync(jobs, ByJob, Starter, """{"prompt":"x"}""")).Succeeds().Record;
        var id = reply.GetProperty("approval").GetProperty("id").GetString()!;

        await DecideAsync(jobs, id, approve: false, "not in production");

        var job = (await CallAsync(jobs, ByJob, "llm_job_status", $$"""{"jobId":"{{reply.GetProperty("jobId").GetString()}}"}""")).Succeeds().Record.GetProperty("job");
        var failure = job.GetProperty("failure");
        Assert.Equal(
            ("failed", "approval_rejected", "not in production", id, "/tools/claude_request_async/approval"),
            (job.GetProperty("status").GetString(), failure.GetProperty("kind").GetString(), failure.GetProperty("reason").GetString(), failure.GetProperty("approvalId").GetString(), failure.GetProperty("rule").GetString()));
        Assert.False(failure.GetProperty("retryable").GetBoolean());
        Assert.Equal(1, await CountedAsync(jobs));
    }

    [Fact]
    public async Task A_start_by_repeat_is_refused_with_its_request_and_passes_once_after_a_yes()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        const string Call = """{"prompt":"x","model":"opus"}""";
        var asked = await CallAsync(jobs, ByRepeat, Starter, Call);

        Assert.Equal(("approval_required", "/tools/claude_request_async/approval", "a person has to agree", true), (asked.Kind, asked.Error.GetProperty("rule").GetString(), asked.Error.GetProperty("reason").GetString(), asked.Error.GetProperty("retryable").GetBoolean()));
        var id = asked.Error.GetProperty("approvalId").GetString()!;
        Assert.Matches("^apr_[a-z2-7]{26}$", id);
        Assert.Matches("T.*Z$", asked.Error.GetProperty("approvalExpiresAt").GetString());
        Assert.StartsWith("sha256:", asked.Error.GetProperty("policyHash").GetString(), StringComparison.Ordinal);
        Assert.StartsWith($"Refused by policy: a person has to agree. A person decides {id} until ", asked.Text, StringComparison.Ordinal);
        Assert.Equal(id, (await CallAsync(jobs, ByRepeat, Starter, """{"model":"opus","prompt":"x"}""")).Error.GetProperty("approvalId").GetString());
        Assert.Equal(0, await CountedAsync(jobs));

        await DecideAsync(jobs, id, approve: true);
        var passed = (await CallAsync(jobs, ByRepeat, Starter, Call)).Succeeds();
        Assert.Equal("queued", passed.Record.GetProperty("job").GetProperty("status").GetString());
        Assert.False(passed.Record.TryGetProperty("approval", out _));
        Assert.Equal(1, await CountedAsync(jobs));

        var anew = await CallAsync(jobs, ByRepeat, Starter, Call);
        Assert.NotEqual(id, anew.Error.GetProperty("approvalId").GetString());
        await DecideAsync(jobs, anew.Error.GetProperty("approvalId").GetString()!, approve: false, "enough");
        var no = await CallAsync(jobs, ByRepeat, Starter, Call);
        Assert.Equal(("approval_rejected", "enough", false), (no.Kind, no.Error.GetProperty("reason").GetString(), no.Error.GetProperty("retryable").GetBoolean()));
        Assert.Equal(anew.Error.GetProperty("approvalId").GetString(), no.Error.GetProperty("approvalId").GetString());
    }

    [Theory]
    [InlineData("llm_job_list", """{"limit":5}""")]
    [InlineData("llm_job_cancel", """{"jobId":"job_unknown","reason":"r"}""")]
    public async Task A_call_that_makes_no_job_passes_once_after_a_yes_too(string tool, string arguments)
    {
        var policy = $$$$$"""{"version":"1","default":"allow","tools":{"{{{{{tool}}}}}":{"approval":{}}}}""";
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var asked = await CallAsync(jobs, policy, tool, arguments);
        Assert.Equal(("approval_required", $"tool {tool} needs approval"), (asked.Kind, asked.Error.GetProperty("reason").GetString()));

        await DecideAsync(jobs, asked.Error.GetProperty("approvalId").GetString()!, approve: true);
        Assert.Equal("approval_required", (await CallAsync(jobs, policy, tool, arguments.Replace(":", ": ", StringComparison.Ordinal).Replace("5", "6", StringComparison.Ordinal).Replace("\"r\"", "\"s\"", StringComparison.Ordinal))).Kind);
        var passed = await CallAsync(jobs, policy, tool, arguments);
        Assert.True(passed.Result.IsError != true || passed.Kind == "not_found", passed.Text);
        Assert.Equal("approval_required", (await CallAsync(jobs, policy, tool, arguments)).Kind);
    }

    [Fact]
    public async Task A_call_with_wrong_arguments_asks_nobody()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();

        Assert.Equal("invalid_input", (await CallAsync(jobs, ByJob, Starter, """{"prompt":"x","maxTurns":0}""")).Kind);
        Assert.Equal("invalid_input", (await CallAsync(jobs, ByRepeat, Starter, """{"prompt":"x","maxTurns":0}""")).Kind);
        Assert.Equal("invalid_input", (await CallAsync(jobs, """{"version":"1","default":"allow","tools":{"llm_job_list":{"approval":{}}}}""", "llm_job_list", """{"limit":0}""")).Kind);

        Assert.Equal(0, await jobs.ReadAsync(db => db.Approvals.CountAsync()));
    }

    [Fact]
    public async Task Only_what_the_rule_names_asks_a_person_in_either_spelling()
    {
        const string Policy = """{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"required_if":[{"path":"args.permissionMode","op":"eq","value":"bypassPermissions"}]}}}}""";
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();

        Assert.Equal("queued", StatusOf(await CallAsync(jobs, Policy, Starter, """{"prompt":"x"}""")));
        Assert.Equal("awaiting_approval", StatusOf(await CallAsync(jobs, Policy, Starter, """{"prompt":"x","dangerouslySkipPermissions":true}""")));
        Assert.Equal("awaiting_approval", StatusOf(await CallAsync(jobs, Policy, Starter, """{"prompt":"x","permissionMode":"bypassPermissions"}""")));
        Assert.All(await jobs.ReadAsync(db => db.Approvals.ToListAsync()), approval => Assert.True(approval.BypassRequested));
    }

    [Fact]
    public async Task A_repeat_of_a_finished_job_is_asked_about_as_a_call_of_its_tool()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var old = (await CallAsync(jobs, """{"version":"1","default":"allow"}""", Starter, """{"prompt":"x"}""")).Succeeds().Record.GetProperty("jobId").GetString();
        var arguments = $$"""{"jobId":"{{old}}"}""";
        (await CallAsync(jobs, ByJob, "llm_job_cancel", arguments)).Succeeds();

        var held = (await CallAsync(jobs, ByJob, "llm_job_retry", arguments)).Succeeds().Record;
        Assert.Equal(("awaiting_approval", old), (held.GetProperty("job").GetProperty("status").GetString(), held.GetProperty("job").GetProperty("retryOf").GetString()));
        Assert.Equal("a person has to agree", held.GetProperty("approval").GetProperty("reason").GetString());

        var asked = await CallAsync(jobs, ByRepeat, "llm_job_retry", arguments);
        Assert.Equal(("approval_required", "/tools/claude_request_async/approval"), (asked.Kind, asked.Error.GetProperty("rule").GetString()));
        await DecideAsync(jobs, asked.Error.GetProperty("approvalId").GetString()!, approve: true);
        Assert.Equal("queued", StatusOf(await CallAsync(jobs, ByRepeat, "llm_job_retry", arguments)));
        Assert.Equal("approval_required", (await CallAsync(jobs, ByRepeat, "llm_job_retry", arguments)).Kind);
    }

    [Fact]
    public async Task A_grant_has_twenty_open_requests_at_most_whatever_it_calls()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("approval_required", (await CallAsync(jobs, ByRepeat, Starter, $$"""{"prompt":"{{i}}"}""")).Kind);
        }

        var full = await CallAsync(jobs, ByRepeat, Starter, """{"prompt":"one more"}""");
        Assert.Equal(("queue_full", 20, 0), (full.Kind, full.Error.GetProperty("limit").GetInt32(), full.Error.GetProperty("remaining").GetInt32()));
        Assert.Equal("approval_required", (await CallAsync(jobs, ByRepeat, Starter, """{"prompt":"0"}""")).Kind);
    }

    [Fact]
    public async Task The_log_says_held_of_a_job_that_waits_and_denied_of_a_call_that_has_to_be_repeated()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        await CallAsync(jobs, ByJob, Starter, """{"prompt":"the secret prompt"}""");
        await CallAsync(jobs, ByRepeat, Starter, """{"prompt":"the secret prompt"}""");

        var records = await jobs.ReadAsync(db => db.Audit.ToListAsync());
        Assert.Equal(["approval/requested held", "approval/requested held", "tools/call denied", "tools/call held"], records.Select(Words).Order(StringComparer.Ordinal));
        Assert.Contains("\"kind\":\"approval_required\"", records.Single(record => Words(record) == "tools/call denied").Record, StringComparison.Ordinal);
        Assert.All(records.Where(record => record.Method == "tools/call"), record => Assert.Contains("\"approvalId\":", record.Record, StringComparison.Ordinal));
        Assert.All(records, record => Assert.DoesNotContain("secret", record.Record, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_call_that_changes_nothing_the_log_holds_the_refusals_alone_whoever_refuses_it()
    {
        const string Policy = """{"version":"1","default":"allow","tools":{"llm_job_list":{"approval":{},"limits":[{"counter":"reads","window":"day","max":1}]}}}""";
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        for (var i = 0; i < 2; i++)
        {
            var asked = await CallAsync(jobs, Policy, "llm_job_list", "{}");
            await DecideAsync(jobs, asked.Error.GetProperty("approvalId").GetString()!, approve: true);
            var reply = await CallAsync(jobs, Policy, "llm_job_list", "{}");
            Assert.Equal(i == 0 ? null : "rate_limited", reply.Result.IsError == true ? reply.Kind : null);
        }

        var records = await jobs.ReadAsync(db => db.Audit.Where(a => a.Method == "tools/call").ToListAsync());
        Assert.Equal(["approval_required", "approval_required", "rate_limited"], records.Select(record => JsonElement.Parse(record.Record).GetProperty("kind").GetString()).Order(StringComparer.Ordinal));
    }

    private static string Words(AuditRow row) => $"{row.Method} {row.Decision}";

    private static string? StatusOf(Bench.Reply reply) => reply.Succeeds().Record.GetProperty("job").GetProperty("status").GetString();

    private static async Task DecideAsync(EmbeddedJobs jobs, string approvalId, bool approve, string? comment = null)
    {
        Assert.True(ApprovalIdText.TryParse(approvalId, out var id));
        Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Carol, id, approve, comment, CancellationToken.None));
    }

    private static Task<int> CountedAsync(EmbeddedJobs jobs) => jobs.ReadAsync(async db => (int)(await db.Counters.SumAsync(c => c.UsedMicros) / 1_000_000));

    private Task<Bench.Reply> CallAsync(EmbeddedJobs jobs, string policy, string tool, string arguments) => bench.CallAsync(
        tool,
        arguments,
        Bench.IdentityOf(new PolicyGrant("alice", "acme", "alice", TestPolicies.Of(policy, bench.Tools.Select(t => t.Card.ToFacts()))), Scopes.All),
        Bench.DeskOf(jobs));

    /// <summary>Counts the calls that the metric calls held.</summary>
    private sealed class HeldCalls : IDisposable
    {
        private readonly MeterListener listener = new();
        private int seen;

        public HeldCalls()
        {
            listener.InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == "gateway.policy.decisions")
                {
                    own.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<long>((_, value, tags, _) => seen += tags.ToArray().Any(tag => tag.Value is "held") ? (int)value : 0);
            listener.Start();
        }

        public int Seen() => seen;

        public void Dispose() => listener.Dispose();
    }
}
