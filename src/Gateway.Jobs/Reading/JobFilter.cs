namespace Gateway.Jobs.Reading;

/// <summary>Which jobs a list holds. A null or empty member does not filter.</summary>
public sealed record JobFilter
{
    /// <summary>As <see cref="Owner"/>: every grant of the caller's tenant.</summary>
    public const string Everybody = "*";

    /// <summary>In place of the caller's own: jobs of this grant label of the same tenant, or of all its grants for <see cref="Everybody"/>.</summary>
    public string? Owner { get; init; }

    /// <summary>Any of these states.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>Equal.</summary>
    public string? Cli { get; init; }

    /// <summary>Equal, in any case.</summary>
    public string? Workspace { get; init; }

    /// <summary>Equal.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>Equal.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Every one of them.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Part of labels, correlation id, model or the first 200 prompt characters, any case.</summary>
    public string? Text { get; init; }

    /// <summary>At or after.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>Before.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>1 to 100.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Where the page begins: after this job, newest first; null for the first page.</summary>
    public JobCursor? After { get; init; }
}
