namespace Gateway.Nemesis.History;

/// <summary>A stream of an attempt: what the worker told, what is stored, and for stdout what the agent itself kept a copy of.</summary>
internal sealed record StreamFigures(string Stream, long ToldBytes, string ToldSha256, long StoredBytes, string StoredSha256, string? AgentSha256 = null);
