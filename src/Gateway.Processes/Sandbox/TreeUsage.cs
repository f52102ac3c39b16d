namespace Gateway.Processes.Sandbox;

/// <summary>What the processes of one run take at a moment.</summary>
/// <param name="Processes">How many there are.</param>
/// <param name="MemoryBytes">Their resident memory.</param>
/// <param name="CpuTime">Their processor time, and that of the ended ones which their parents have waited for.</param>
internal readonly record struct TreeUsage(int Processes, long MemoryBytes, TimeSpan CpuTime);
