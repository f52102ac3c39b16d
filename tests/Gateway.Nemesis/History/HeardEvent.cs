namespace Gateway.Nemesis.History;

/// <summary>A delivery to a subscriber.</summary>
internal sealed record HeardEvent(string Kind, Guid EventId, Guid MessageId, Guid JobId, int Attempt)
{
    public bool IsEnd => Kind is "AgentJobCompleted" or "AgentJobFailed" or "AgentJobCanceled";
}
