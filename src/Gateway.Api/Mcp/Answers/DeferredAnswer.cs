using Gateway.Jobs.Approvals;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What a tool that waits answers when the job has not ended in time. No error: the job goes on under the same id.</summary>
internal sealed record DeferredAnswer
{
    public bool Success => true;

    public string Status => "deferred";

    public required string JobId { get; init; }

    public required string JobStatus { get; init; }

    public required string Cli { get; init; }

    public required string CorrelationId { get; init; }

    public Guid? SessionId { get; init; }

    /// <summary>What the job waits for, when a person has to agree.</summary>
    public PendingApproval? Approval { get; init; }

    public required string Message { get; init; }

    public string PollWith => "llm_job_status";

    public string CollectWith => "llm_job_result";

    public string CancelWith => "llm_job_cancel";

    public required int PollAfterMs { get; init; }

    public IReadOnlyList<Warning>? Warnings { get; init; }
}
