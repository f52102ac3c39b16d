namespace Gateway.Nemesis.History;

/// <summary>What a client was told of a job: asked at, answered at (monotonic), and the status word.</summary>
internal sealed record Observation(long AskedTicks, long AnsweredTicks, string Status, int Attempt)
{
    public bool IsFinal => Status is "completed" or "failed" or "canceled";
}
