namespace Gateway.Contracts.Values;

/// <summary>One step of a run that a caller may see. Holds fixed phrases only: never a prompt, path, tool name or output.</summary>
public sealed record AgentEvent
{
    /// <summary>
    /// Where in stdout the text ends from which this event was read. The store keeps an event only if this lies
    /// beyond the length it had stored, so that a chunk sent twice adds nothing twice.
    /// </summary>
    public required long EndOffset { get; init; }

    /// <summary>When the worker read it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>starting</c>, <c>thinking</c>, <c>tool</c> or <c>writing</c>.</summary>
    public required string Phase { get; init; }

    /// <summary><c>lifecycle</c>, <c>reasoning</c>, <c>tool_start</c>, <c>tool_error</c>, <c>output</c> or <c>activity</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>A fixed phrase of at most 120 characters.</summary>
    public required string Message { get; init; }

    /// <summary><c>provider</c> for what the CLI said, <c>gateway</c> for what the worker noticed.</summary>
    public required string Source { get; init; }
}
