using Gateway.Contracts.Values;

namespace Gateway.Jobs.Reading;

/// <summary>What a worker told of one of its CLIs.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="LastHeartbeatAt">When it was last heard.</param>
/// <param name="Report">What it told.</param>
public sealed record SeenCli(string Worker, DateTimeOffset LastHeartbeatAt, CliReport Report);
