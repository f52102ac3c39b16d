using Gateway.Contracts.Values;

namespace Gateway.Jobs.Reading;

/// <summary>A workspace as one worker last saw it.</summary>
/// <param name="Worker">Name of the worker.</param>
/// <param name="Pool">Its pool.</param>
/// <param name="LastHeartbeatAt">When the worker was last heard.</param>
/// <param name="Report">What it saw.</param>
public sealed record SeenWorkspace(string Worker, string Pool, DateTimeOffset LastHeartbeatAt, WorkspaceReport Report);
