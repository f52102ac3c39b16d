using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;
using Gateway.Storage.Model;

namespace Gateway.Tests.Support;

/// <summary>Jobs that wait for a person.</summary>
internal static class HeldJobs
{
    /// <summary>A job of Alice that waits for a person until a time.</summary>
    public static async Task<Job> PutAsync(EmbeddedJobs jobs, DateTimeOffset expires, DateTimeOffset? asked = null)
    {
        var at = asked ?? jobs.Clock.GetUtcNow();
        var job = new Job
        {
            CorrelationId = Guid.NewGuid(),
            CurrentState = nameof(JobLifecycle.AwaitingApproval),
            Tenant = EmbeddedJobs.Alice.Tenant,
            Grant = EmbeddedJobs.Alice.Grant,
            GrantLabel = EmbeddedJobs.Alice.Grant,
            Tool = "t",
            PolicyHash = "h",
            RuleHash = "h",
            Cli = "claude",
            MaxAttempts = 2,
            RequestCorrelationId = "c",
            SessionId = Guid.NewGuid(),
            CreatedAtMs = at.ToUnixTimeMilliseconds(),
            QueuedAtMs = at.ToUnixTimeMilliseconds(),
            ApprovalId = ApprovalIdText.NewId(),
        };
        var request = new RequestRow { JobId = job.CorrelationId, Tool = "t", Prompt = "say hello", AgentJson = "{}", ArgumentsJson = """{"model":"opus"}""", CredentialName = "default", TimeoutMs = 1, IdleTimeoutMs = 1 };
        await jobs.AddAsync(job, request, RowOf(job.ApprovalId.Value, job.Tenant, job.Grant, at, expires, job.CorrelationId));
        return job;
    }

    /// <summary>A pending request.</summary>
    public static ApprovalRow RowOf(Guid id, string tenant, string grant, DateTimeOffset asked, DateTimeOffset expires, Guid? jobId = null) => new()
    {
        ApprovalId = id,
        Tenant = tenant,
        Grant = grant,
        GrantLabel = grant,
        Cli = "claude",
        Tool = "t",
        Mode = jobId is null ? ApprovalModes.Repeat : ApprovalModes.Job,
        Status = ApprovalStatus.Pending,
        Policy = "p",
        PolicyHash = "h",
        Rule = "/tools/t/approval",
        RuleHash = "h",
        Reason = "r",
        CallHash = id.ToString(),
        JobId = jobId,
        CreatedAtMs = asked.ToUnixTimeMilliseconds(),
        ExpiresAtMs = expires.ToUnixTimeMilliseconds(),
    };
}
