namespace Gateway.Storage.Model;

/// <summary>A correlation id of a call that was given an existing job: <c>llm_request_result</c> finds the job by it.</summary>
public sealed class OtherNameRow
{
    public Guid JobId { get; init; }

    public string CorrelationId { get; init; } = null!;
}
