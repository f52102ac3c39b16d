namespace Gateway.Jobs.Approvals;

/// <summary>Who decides about a request. That the caller may decide at all was checked at the edge.</summary>
/// <param name="Caller">A caller, who decides within the tenant and never about an own request; null for an operator at the gateway's own door.</param>
/// <param name="Name">What is kept of who it was: a grant value, or <c>operator:</c> and a user id.</param>
public sealed record Decider(Caller? Caller, string Name)
{
    /// <summary>A caller with the scope to decide.</summary>
    /// <param name="caller">The caller.</param>
    public static Decider Of(Caller caller) => new(caller, caller.Grant);

    /// <summary>An operator.</summary>
    /// <param name="userId">User id at the socket.</param>
    public static Decider Operator(int userId) => new(null, $"operator:{userId}");
}
