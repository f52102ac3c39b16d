namespace Gateway.Policies.Cases;

/// <summary>A case: one policy, steps in order, and what is expected of each.</summary>
public sealed record PolicyCase
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What it shows, in words.</summary>
    public required string Name { get; init; }

    /// <summary>The time of second 0.</summary>
    public required DateTimeOffset Epoch { get; init; }

    /// <summary>Text of its policy file; null for the file under test.</summary>
    public string? PolicyText { get; init; }

    /// <summary>Who appears, by name.</summary>
    public required IReadOnlyDictionary<string, CaseIdentity> Identities { get; init; }

    /// <summary>The steps.</summary>
    public required IReadOnlyList<CaseStep> Steps { get; init; }
}
