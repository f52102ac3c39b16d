namespace Gateway.Jobs.Parking;

/// <summary>
/// Keeps jobs from a credential that has reached its usage limit: closed until the reset, then open for one job alone, whose run
/// shows whether the limit is really gone. When it ends well, or a minute later at the latest, everybody may go.
/// </summary>
/// <param name="Pool">Pool whose workers have the credential.</param>
/// <param name="Credential">Its name.</param>
/// <param name="Cli">The CLI that met the limit.</param>
/// <param name="ClosedUntil">Until then nobody passes.</param>
/// <param name="ResetsAt">When the limit ends, as the provider said; null when it said nothing.</param>
/// <param name="ProbeJobId">The job that goes first; null while none does.</param>
/// <param name="ProbedAt">When it was let go.</param>
public sealed record CredentialGate(string Pool, string Credential, string Cli, DateTimeOffset ClosedUntil, DateTimeOffset? ResetsAt, Guid? ProbeJobId, DateTimeOffset? ProbedAt)
{
    /// <summary>How long the first job goes alone at most: within it a limit that is still there has shown itself.</summary>
    public static readonly TimeSpan Probation = TimeSpan.FromMinutes(1);

    /// <summary>How many more jobs may be let go.</summary>
    /// <param name="now">Store clock.</param>
    public int PlacesAt(DateTimeOffset now) => now < ClosedUntil ? 0 : IsOver(now) ? int.MaxValue : ProbeJobId is null ? 1 : 0;

    /// <summary>Whether a job that was let go may begin.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="now">Store clock.</param>
    public bool Passes(Guid jobId, DateTimeOffset now) => now >= ClosedUntil && (ProbeJobId == jobId || IsOver(now));

    /// <summary>Whether it keeps nobody back any more, whatever has become of the first job.</summary>
    /// <param name="now">Store clock.</param>
    public bool IsOver(DateTimeOffset now) => now >= ClosedUntil && ProbedAt + Probation <= now;
}
