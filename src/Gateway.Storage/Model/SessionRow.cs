namespace Gateway.Storage.Model;

/// <summary>A conversation of a caller with one CLI. Its head is the stored transcript that the next run goes on with.</summary>
public sealed class SessionRow
{
    public Guid SessionId { get; init; }

    public string Tenant { get; init; } = null!;

    public string Grant { get; init; } = null!;

    public string Cli { get; init; } = null!;

    public string? Description { get; set; }

    /// <summary>Alias of the workspace that its runs work in.</summary>
    public string? Workspace { get; set; }

    /// <summary>Absolute; null where runs work in a directory that is kept with the session.</summary>
    public string? WorkingDirectory { get; set; }

    public string? WorktreeJson { get; set; }

    /// <summary>The CLI's own id where it is another one; null while nothing is known.</summary>
    public string? ProviderSessionId { get; set; }

    public string? Model { get; set; }

    public long CreatedAtMs { get; init; }

    public long LastUsedAtMs { get; set; }

    public int JobCount { get; set; }

    public Guid? LastJobId { get; set; }

    /// <summary>Job whose transcript is the conversation as it stands; null while nothing was said.</summary>
    public Guid? HeadJobId { get; set; }

    public int HeadAttempt { get; set; }

    /// <summary>Length of that transcript.</summary>
    public long HeadBytes { get; set; }

    public decimal? CostUsd { get; set; }

    public long? InputTokens { get; set; }

    public long? OutputTokens { get; set; }

    public long? CacheReadTokens { get; set; }

    public long? CacheCreationTokens { get; set; }
}
