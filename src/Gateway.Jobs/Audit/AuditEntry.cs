using System.Globalization;

namespace Gateway.Jobs.Audit;

/// <summary>A record as it is stored, with what it can be found by.</summary>
public sealed record AuditEntry
{
    /// <summary>Given by the database, in the order of writing; records that were rolled back leave gaps.</summary>
    public required long Id { get; init; }

    /// <summary>Place in the chain; null until it is sealed.</summary>
    public long? Seq { get; init; }

    /// <summary>When, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>Tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Who.</summary>
    public string? Caller { get; init; }

    /// <summary>Method.</summary>
    public required string Method { get; init; }

    /// <summary>Tool.</summary>
    public string? Tool { get; init; }

    /// <summary>One of <see cref="AuditDecisions"/>.</summary>
    public required string Decision { get; init; }

    /// <summary>The job.</summary>
    public Guid? JobId { get; init; }

    /// <summary>The record, see <see cref="AuditText"/>.</summary>
    public required string Record { get; init; }

    /// <summary>Keyed hash of all this, made by who wrote it: whoever has the database alone can make no record.</summary>
    public string Mac { get; init; } = "";

    /// <summary>What the hash is made of. By the number nobody is bound: the database gives it.</summary>
    public string[] Parts() =>
    [
        AtMs.ToString(CultureInfo.InvariantCulture), Part(Tenant), Part(Caller), Method, Part(Tool), Decision, Part(JobId?.ToString("N")), Record,
    ];

    // None is not the same as empty.
    private static string Part(string? text) => text is null ? "" : "=" + text;
}
