namespace Gateway.Jobs.Reading;

/// <summary>A worker by its last heartbeat.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">Runs that it may hold at once.</param>
/// <param name="Running">Runs that it holds.</param>
/// <param name="LastHeartbeatAt">When it was last heard.</param>
public sealed record WorkerView(string Name, int Slots, int Running, DateTimeOffset LastHeartbeatAt);
