namespace Gateway.Storage.Model;

/// <summary>The job that equal calls of a caller are given.</summary>
public sealed class EqualCallRow
{
    public string Tenant { get; init; } = null!;

    public string Grant { get; init; } = null!;

    /// <summary>SHA-256 over all that the run is given, lower-case hex.</summary>
    public string Hash { get; init; } = null!;

    /// <summary>Who replaces it names the one that he saw: of two at once one comes again.</summary>
    public Guid JobId { get; set; }

    public long ExpiresAtMs { get; set; }
}
