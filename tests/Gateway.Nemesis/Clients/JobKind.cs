namespace Gateway.Nemesis.Clients;

/// <summary>A kind of job: what its agent does, how that may end, and what its client does meanwhile.</summary>
internal sealed record JobKind
{
    public required string Name { get; init; }

    /// <summary>Of a hundred jobs so many.</summary>
    public required int Share { get; init; }

    /// <summary>The prompt, of the agents' log, a number of its own, the folder of copies, and chance.</summary>
    public required Func<JobPlace, Random, string> Prompt { get; init; }

    /// <summary>How the agent's own doing may end it: <c>completed</c>, or kinds of failures.</summary>
    public required string[] Ends { get; init; }

    public decimal? CostUsd { get; init; }

    /// <summary>A writing run, which no other worker begins anew.</summary>
    public bool Writes { get; init; }

    public int MaxAttempts { get; init; } = 4;

    /// <summary>Limit of a run; null for none but the default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When its client cancels it, after it was accepted: between nothing and this; null for never.</summary>
    public TimeSpan? CancelWithin { get; init; }
}
