namespace Gateway.Nemesis.History;

/// <summary>A look at the health of an API process; 0 when it did not answer in time.</summary>
internal sealed record Probe(string Api, long Ticks, int Live, int Ready, bool ProcessRuns, bool DependencyDown);
