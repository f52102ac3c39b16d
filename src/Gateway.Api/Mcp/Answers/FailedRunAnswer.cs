namespace Gateway.Api.Mcp.Answers;

/// <summary>What a tool that waits answers when the job failed or was canceled in time: the error, and what there is of the run.</summary>
internal sealed record FailedRunAnswer
{
    public bool Success => false;

    public required ErrorRecord Error { get; init; }

    public required string JobId { get; init; }

    public required string Cli { get; init; }

    public required string CorrelationId { get; init; }

    public Guid? SessionId { get; init; }

    public int? ExitCode { get; init; }

    public long? DurationMs { get; init; }

    /// <summary>The text so far.</summary>
    public string? Response { get; init; }

    /// <summary>The end of what the process wrote to it.</summary>
    public string? Stderr { get; init; }
}
