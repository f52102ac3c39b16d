namespace Gateway.Storage.Model;

/// <summary>The conversation that a caller's calls of one CLI go on with when they name none.</summary>
public sealed class ActiveSessionRow
{
    public string Tenant { get; init; } = null!;

    public string Grant { get; init; } = null!;

    public string Cli { get; init; } = null!;

    public Guid SessionId { get; set; }
}
