namespace Gateway.Nemesis.History;

/// <summary>Most resident memory that a process was seen with, and the bound that is stated for its kind.</summary>
internal sealed record MemoryPeak(string Process, long Bytes, long BoundBytes);
