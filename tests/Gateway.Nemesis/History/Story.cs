namespace Gateway.Nemesis.History;

/// <summary>A job from the side of the client that wanted it.</summary>
internal sealed record Story
{
    /// <summary>The idempotency key, the same on each repeat.</summary>
    public required string Key { get; init; }

    /// <summary>Name of the kind of job.</summary>
    public required string Kind { get; init; }

    /// <summary>The answer that only this job gives; null when the kind never completes.</summary>
    public string? Answer { get; init; }

    /// <summary>How the agent's own doing may end the job: states, and of failures their kinds. Losses and cancels come on top.</summary>
    public IReadOnlyList<string> Ends { get; init; } = [];

    /// <summary>What one run that ends reports; null when it reports no cost.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>The jobs that the server said it is: one, however often it was asked. None: nobody knows whether it was accepted.</summary>
    public IReadOnlyList<Guid> Accepted { get; init; } = [];

    /// <summary>How often a submit was neither acknowledged nor refused.</summary>
    public int UnknownSubmits { get; init; }

    /// <summary>A cancel was asked, acknowledged or not.</summary>
    public bool CancelAsked { get; init; }

    public IReadOnlyList<Cancel> Cancels { get; init; } = [];

    public IReadOnlyList<Observation> Observations { get; init; } = [];

    /// <summary>The answer's text as it was collected; null when it was not.</summary>
    public string? Collected { get; init; }
}
