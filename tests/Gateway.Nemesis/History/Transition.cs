namespace Gateway.Nemesis.History;

/// <summary>A job's row as it was seen while faults were injected, kept when it differs from the sight before.</summary>
internal sealed record Transition(Guid JobId, int Version, string State, int Attempt);
