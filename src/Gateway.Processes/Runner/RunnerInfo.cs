namespace Gateway.Processes.Runner;

/// <summary>Which runner answered.</summary>
/// <param name="ProcessId">Its process id.</param>
/// <param name="Version">Version of its program.</param>
/// <param name="Containment">What ends a process tree on this machine: <c>bubblewrap</c>, <c>unshare</c> or <c>sweep</c>.</param>
public sealed record RunnerInfo(int ProcessId, string Version, string Containment);
