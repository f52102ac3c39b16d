namespace Gateway.Storage.Model;

/// <summary>Keeps jobs from a credential that has reached its usage limit. No row: nobody is kept.</summary>
public sealed class CredentialGateRow
{
    public string Pool { get; init; } = null!;

    public string Credential { get; init; } = null!;

    public string Cli { get; set; } = null!;

    public long ClosedUntilMs { get; set; }

    public long? ResetsAtMs { get; set; }

    /// <summary>The job that goes first once it is open again; null while none does.</summary>
    public Guid? ProbeJobId { get; set; }

    public long? ProbedAtMs { get; set; }
}
