namespace Gateway.Jobs.Audit;

/// <summary>Which records are wanted. What is null does not matter.</summary>
public sealed record AuditFilter
{
    /// <summary>From then on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before then.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of this tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Of this tool.</summary>
    public string? Tool { get; init; }

    /// <summary>With this decision.</summary>
    public string? Decision { get; init; }

    /// <summary>Of this caller.</summary>
    public string? Caller { get; init; }

    /// <summary>About this job.</summary>
    public Guid? JobId { get; init; }

    /// <summary>Oldest first, in place of newest first.</summary>
    public bool OldestFirst { get; init; }

    /// <summary>Behind this record in the order; null for the first page.</summary>
    public long? After { get; init; }

    /// <summary>At most so many.</summary>
    public required int Limit { get; init; }
}
