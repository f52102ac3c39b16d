namespace Gateway.Jobs.Approvals;

/// <summary>What the owner of a job is told of the request that it waits for.</summary>
/// <param name="Id">Public id.</param>
/// <param name="Reason">Why a person is asked.</param>
/// <param name="ExpiresAt">Until when it can be decided.</param>
public sealed record PendingApproval(string Id, string Reason, DateTimeOffset ExpiresAt);
