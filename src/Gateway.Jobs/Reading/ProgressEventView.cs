namespace Gateway.Jobs.Reading;

/// <summary>One event of a job. Fixed phrases only.</summary>
public sealed record ProgressEventView
{
    /// <summary>From 1 without gaps over all attempts.</summary>
    public required long Seq { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Ts { get; init; }

    /// <summary>Attempt that it belongs to, 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>Phase that it began.</summary>
    public required string Phase { get; init; }

    /// <summary><c>lifecycle</c>, <c>reasoning</c>, <c>tool_start</c>, <c>tool_error</c>, <c>output</c>, <c>activity</c> or <c>terminal</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>A fixed phrase.</summary>
    public required string Message { get; init; }

    /// <summary><c>gateway</c> or <c>provider</c>.</summary>
    public required string Source { get; init; }
}
