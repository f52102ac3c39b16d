using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Reading;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The tools that wait for the answer: what they say when it comes, when it does not, and when it never can in time.</summary>
public sealed class WaitingStarterSpecs : IDisposable
{
    private const string Tool = "claude_request";
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task An_answer_in_time_is_given_whole_with_what_it_cost()
    {
        var reply = (await EndAsync("""{"prompt":"x","correlationId":"c1"}""", id => Complete(id, "hello"))).Succeeds();

        Assert.Equal("hello", reply.Text);
        Assert.Equal(("completed", "hello", 5, false), (
            reply.Record.GetProperty("status").GetString(),
            reply.Record.GetProperty("response").GetString(),
            reply.Record.GetProperty("responseBytes").GetInt32(),
            reply.Record.GetProperty("responseTruncated").GetBoolean()));
        Assert.Equal(("c1", 1, 0.25m, 7, 1200), (
            reply.Record.GetProperty("correlationId").GetString(),
            reply.Record.GetProperty("retryCount").GetInt32(),
            reply.Record.GetProperty("costUsd").GetDecimal(),
            reply.Record.GetProperty("inputTokens").GetInt32(),
            reply.Record.GetProperty("durationMs").GetInt32()));
        Assert.False(reply.Record.TryGetProperty("responseNextOffsetBytes", out _));
    }

    [Fact]
    public async Task A_long_answer_says_where_llm_job_result_goes_on()
    {
        var reply = (await EndAsync("""{"prompt":"x"}""", id => Complete(id, new string('a', 50_000)))).Succeeds();

        Assert.Equal(40_000, reply.Record.GetProperty("response").GetString()!.Length);
        Assert.True(reply.Record.GetProperty("responseTruncated").GetBoolean());
        Assert.Equal(40_000, reply.Record.GetProperty("responseNextOffsetBytes").GetInt32());
    }

    [Fact]
    public async Task A_failed_run_is_the_error_of_its_kind_with_what_there_is_of_it()
    {
        var reply = await EndAsync("""{"prompt":"x"}""", id =>
        {
            bench.Jobs.Bytes.Add(id, 2, OutputStream.Stderr, "begin" + new string('e', 5_000) + "end");
            bench.Jobs.Bytes.Add(id, 2, OutputStream.Answer, "so far");
            bench.Jobs.Change(id, job => job with
            {
                Status = JobStatus.Failed,
                Attempt = 2,
                ExitCode = 3,
                Failure = new JobFailure { Kind = FailureKinds.CliError, Message = "The CLI ended.", Retryable = false },
            });
        });

        Assert.Equal(FailureKinds.CliError, reply.Kind);
        Assert.Equal(("so far", 3), (reply.Record.GetProperty("response").GetString(), reply.Record.GetProperty("exitCode").GetInt32()));
        var stderr = reply.Record.GetProperty("stderr").GetString()!;
        Assert.Equal(4_000, stderr.Length);
        Assert.EndsWith("eend", stderr, StringComparison.Ordinal);
        Assert.Equal(bench.Jobs.LastSubmitted.CorrelationId, reply.Record.GetProperty("correlationId").GetString());
    }

    [Fact]
    public async Task A_canceled_job_is_told_as_canceled()
    {
        var reply = await EndAsync("""{"prompt":"x"}""", id => bench.Jobs.Change(id, job => job with { Status = JobStatus.Canceled }));

        Assert.Equal("canceled", reply.Kind);
        Assert.False(reply.Error.GetProperty("retryable").GetBoolean());
    }

    [Fact]
    public async Task A_longer_job_is_deferred_when_the_wait_is_over_and_goes_on_under_the_same_id()
    {
        var clock = new FakeTimeProvider();
        bench.Jobs.Clock = clock;

        var calling = bench.CallAsync(Tool, """{"prompt":"x","waitMs":1000}""");
        await bench.Jobs.Waiting.Task.WaitAsync(TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(calling.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var reply = (await calling).Succeeds();

        Assert.Equal(("deferred", "queued", "llm_job_status", "llm_job_result", "llm_job_cancel"), (
            reply.Record.GetProperty("status").GetString(),
            reply.Record.GetProperty("jobStatus").GetString(),
            reply.Record.GetProperty("pollWith").GetString(),
            reply.Record.GetProperty("collectWith").GetString(),
            reply.Record.GetProperty("cancelWith").GetString()));
        Assert.StartsWith("Not finished: " + reply.Record.GetProperty("jobId").GetString(), reply.Text, StringComparison.Ordinal);
        Assert.Single(bench.Jobs.Submitted);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(120_000, true)]
    public async Task A_job_that_cannot_end_in_time_keeps_nobody_waiting(int waitMs, bool later)
    {
        bench.Jobs.NextOutcome = new SubmitOutcome.Accepted(FakeJobDesk.Queued(later ? DateTimeOffset.MaxValue : null));

        var reply = await bench.CallAsync(Tool, $$"""{"prompt":"x","waitMs":{{waitMs}}}""");

        Assert.Equal("deferred", reply.Succeeds().Record.GetProperty("status").GetString());
        Assert.False(bench.Jobs.Waiting.Task.IsCompleted);
    }

    [Fact]
    public async Task A_job_about_which_a_person_is_asked_is_deferred_with_the_request()
    {
        bench.Jobs.NextOutcome = new SubmitOutcome.Accepted(FakeJobDesk.Queued() with { Status = JobStatus.AwaitingApproval }, new PendingApproval("apr_x", "a person looks", DateTimeOffset.UnixEpoch));

        var reply = (await bench.CallAsync(Tool, """{"prompt":"x"}""")).Succeeds();

        Assert.Equal(("deferred", "apr_x"), (reply.Record.GetProperty("status").GetString(), reply.Record.GetProperty("approval").GetProperty("id").GetString()));
        Assert.False(bench.Jobs.Waiting.Task.IsCompleted);
    }

    [Fact]
    public async Task How_long_a_call_waits_is_no_part_of_what_is_kept_for_a_repeat()
    {
        await EndAsync("""{"prompt":"x","waitMs":5000,"model":"opus"}""", id => Complete(id, "y"));

        Assert.Equal((Tool, """{"model":"opus"}"""), (bench.Jobs.LastSubmitted.Tool, bench.Jobs.LastSubmitted.ArgumentsJson));
    }

    [Theory]
    [InlineData("""{"prompt":"x","waitMs":120001}""", "waitMs")]
    [InlineData("""{"prompt":"x","waitMs":-1}""", "waitMs")]
    public async Task A_wait_outside_the_limits_is_refused(string arguments, string field)
    {
        Assert.Equal(field, Assert.Single((await bench.CallAsync(Tool, arguments)).Faults).Field);
        Assert.Equal(field, Assert.Single((await bench.CallAsync("claude_request_async", """{"prompt":"x","waitMs":5}""")).Faults).Field);
        Assert.Empty(bench.Jobs.Submitted);
    }

    private async Task<Bench.Reply> EndAsync(string arguments, Action<Guid> end)
    {
        var calling = bench.CallAsync(Tool, arguments);
        await bench.Jobs.Waiting.Task.WaitAsync(TestContext.Current.CancellationToken);
        end(bench.Jobs.LastId);
        return await calling;
    }

    private void Complete(Guid id, string answer)
    {
        bench.Jobs.Bytes.Add(id, 2, OutputStream.Answer, answer);
        bench.Jobs.Change(id, job => job with
        {
            Status = JobStatus.Completed,
            Attempt = 2,
            ExitCode = 0,
            DurationMs = 1200,
            CostUsd = 0.25m,
            Usage = new TokenUsage(7, 8, 9, 10),
        });
    }
}
