namespace Gateway.Contracts.Values;

/// <summary>Why a run failed, in the words that its caller will read.</summary>
public sealed record RunFailure
{
    /// <summary>One of <see cref="FailureKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What went wrong and what to do, at most 500 characters; never a prompt, a key or a path.</summary>
    public required string Message { get; init; }

    /// <summary>Whether the same request may succeed later.</summary>
    public required bool Retryable { get; init; }

    /// <summary>Whether Gateway itself may start another attempt for this failure.</summary>
    public bool Again { get; init; }

    /// <summary>Seconds until a repeat can help, at least 1; null when unknown.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>When a reached usage limit ends, as the provider or its CLI said; null when it said nothing.</summary>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>Name of the signal from outside that ended the process, such as <c>SIGKILL</c>.</summary>
    public string? Signal { get; init; }

    /// <summary>HTTP status that the model provider answered, when known.</summary>
    public int? ApiStatus { get; init; }
}
