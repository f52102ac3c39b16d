namespace Gateway.Nemesis.History;

/// <summary>Between when and when processes of an attempt were seen alive.</summary>
internal sealed record Sighting(Guid JobId, int Attempt, long FirstTicks, long LastTicks, long LastAtMs);
