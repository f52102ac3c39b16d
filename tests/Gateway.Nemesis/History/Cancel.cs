namespace Gateway.Nemesis.History;

/// <summary>A cancel that was acknowledged: what the job was then.</summary>
internal sealed record Cancel(long AskedTicks, long AnsweredTicks, long AnsweredAtMs, string Status, int Attempt);
