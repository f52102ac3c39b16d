using System.Text.Json;
using Gateway.Api.Admin;
using Gateway.Api.Mcp.Answers;
using Gateway.Jobs.Reading;
using Gateway.Policies.Limits;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class JobWordsSpecs
{
    [Fact]
    public void A_parked_job_is_told_why_it_waits_and_from_when_on_it_goes_on()
    {
        var job = FakeJobDesk.Queued(new DateTimeOffset(2026, 11, 28, 13, 5, 0, TimeSpan.Zero)) with { Id = "job_x", Status = JobStatus.Parked, PollAfterMs = 15_000 };
        Assert.Equal(
            "Not finished: job_x is parked: the provider's usage limit is reached. It goes on by itself from 2026-11-28 13:05 UTC on. Ask again in 15 s with llm_job_status, or let it wait with waitMs.",
            JobWords.Of(job));
    }

    [Fact]
    public void A_job_behind_a_cap_is_told_what_it_waits_for_and_its_record_stays_as_it_is()
    {
        var job = new JobView
        {
            Id = "job_x",
            Cli = "claude",
            Status = JobStatus.Queued,
            Attempt = 0,
            MaxAttempts = 1,
            CorrelationId = "c",
            CreatedAt = DateTimeOffset.UnixEpoch,
            QueuedAt = DateTimeOffset.UnixEpoch,
            Priority = "normal",
            Labels = [],
            StdoutBytes = 0,
            StderrBytes = 0,
            OutputTruncated = false,
            PollAfterMs = 500,
            QueuePosition = 4,
            HeldBy = new JobCap(JobCapKind.Running, LimitScope.Grant, 3, null, "/all_tools/limits/running-grant"),
        };

        Assert.Equal(
            "Not finished: job_x is queued at place 4 and waits until one of those that run has ended: at most 3 at once (/all_tools/limits/running-grant). Ask again in 0.5 s with llm_job_status, or let it wait with waitMs.",
            JobWords.Of(job));
        Assert.DoesNotContain("running-grant", JsonSerializer.Serialize(job, AdminJson.Default.JobView), StringComparison.Ordinal);
    }
}
