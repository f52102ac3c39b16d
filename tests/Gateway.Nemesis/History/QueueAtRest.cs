namespace Gateway.Nemesis.History;

/// <summary>A queue of the gateway's when all was still; for queues of errors and skipped ones the ids of what is in them.</summary>
internal sealed record QueueAtRest(string Name, long Messages, long Unacknowledged, IReadOnlyList<string> MessageIds)
{
    public bool IsSetAside => Name.EndsWith("_error", StringComparison.Ordinal) || Name.EndsWith("_skipped", StringComparison.Ordinal);
}
