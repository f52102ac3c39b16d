namespace Gateway.Jobs.Audit;

/// <summary>What a record is about where it is no request of the protocol. Part of the log's format: never renamed.</summary>
public static class AuditMethods
{
    /// <summary>The real cost of a job took the place of what it had reserved.</summary>
    public const string CostCorrected = "job/cost";
}
