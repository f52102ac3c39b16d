namespace Gateway.Policies.Approvals;

/// <summary>What becomes of a call that a person has to decide.</summary>
public enum ApprovalMode
{
    /// <summary>It is accepted as a job that waits.</summary>
    Job,

    /// <summary>It is refused, and passes once when it is repeated after consent.</summary>
    Repeat,
}
