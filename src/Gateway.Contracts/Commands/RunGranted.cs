using Gateway.Contracts.Values;

namespace Gateway.Contracts.Commands;

/// <summary>The attempt belongs to the asking worker until its lease ends. Given again when the same worker asks again.</summary>
public sealed record RunGranted
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Length of the lease, from when the claim was sent.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>What the run may do.</summary>
    public required RunGrant Grant { get; init; }
}
